// Serves the calls, and grpc.health.v1, on the port it is given. What a test waits for is written as a line.
'use strict';
const { grpc, calls } = require('./calls.js');

const server = new grpc.Server();
server.addService(calls, {
  Echo(call, done) {
    const trailers = new grpc.Metadata();
    trailers.set('x-echo-bin', call.metadata.get('x-say-bin')[0] ?? Buffer.alloc(0));
    done(null, call.request === 'who' ? process.argv[2] : call.request, trailers);
  },
  Deadline(call, done) {
    const deadline = call.getDeadline();
    done(null, String(deadline !== Infinity && deadline > Date.now()));
  },
  Missing(call, done) {
    const trailers = new grpc.Metadata();
    trailers.set('x-detail', 'looked everywhere');
    done({ code: grpc.status.NOT_FOUND, details: 'no such thing: 100 %, ünlucky', metadata: trailers });
  },
  Wait() {
  },
  Count(call) {
    for (let i = 0; i < Number(call.request); i++)
      call.write(String(i));
    call.end();
  },
  Break(call) {
    call.write('one');
    call.write('two');
    call.emit('error', { code: grpc.status.ABORTED, details: 'half way' });
  },
  Endless(call) {
    call.write('begun');
    call.on('cancelled', () => console.log('cancelled Endless'));
  },
  Join(call, done) {
    const parts = [];
    call.on('data', part => parts.push(part));
    call.on('end', () => done(null, parts.join('+')));
  },
  Talk(call) {
    call.on('data', text => call.write(`you said ${text}`));
    call.on('end', () => call.end());
  },
});

// HealthCheckRequest { string service = 1; }, HealthCheckResponse { ServingStatus status = 1; }: 1 is SERVING, 2 is NOT_SERVING.
let isServing = true;
server.addService({
  Check: {
    path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false,
    requestSerialize: bytes => bytes, requestDeserialize: bytes => ({ service: bytes.subarray(2).toString() }),
    responseSerialize: status => Buffer.from([8, status]), responseDeserialize: bytes => bytes,
  },
}, {
  Check(call, done) {
    if (call.request.service === 'nobody')
      done({ code: grpc.status.NOT_FOUND, details: 'unknown service' });
    else
      done(null, isServing ? 1 : 2);
  },
});
process.on('SIGHUP', () => { isServing = !isServing; });

server.bindAsync(`127.0.0.1:${process.argv[2]}`, grpc.ServerCredentials.createInsecure(), error => {
  if (error)
    throw error;
  console.log('listens');
});
