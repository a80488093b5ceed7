// Makes every kind of call at the address it is given, and writes a line for what each has come to.
'use strict';
const { grpc, calls } = require('./calls.js');

const Client = grpc.makeGenericClientConstructor(calls, 'Calls');
const client = new Client(process.argv[2], grpc.credentials.createInsecure());
const line = (name, ...what) => console.log([name, ...what].join(' '));
const later = seconds => ({ deadline: Date.now() + seconds * 1000 });

function unary(name, request, options = later(60), metadata = new grpc.Metadata()) {
  return new Promise(resolve => {
    let trailers = new grpc.Metadata();
    const call = client[name](request, metadata, options, (error, response) => setImmediate(() => resolve({ error, response, trailers })));
    call.on('status', status => { trailers = status.metadata; });
  });
}

// All messages of a stream, and its status; what is done with each message may be given.
function read(call, onMessage = () => {}) {
  return new Promise(resolve => {
    const messages = [];
    call.on('data', message => { messages.push(message); onMessage(message); });
    call.on('error', () => {});
    call.on('status', status => resolve({ messages, status }));
  });
}

const kinds = {
  async unary() {
    const metadata = new grpc.Metadata();
    metadata.set('x-say-bin', Buffer.from([0, 255, 10, 13]));
    const { error, response, trailers } = await unary('Echo', 'hello', later(60), metadata);
    line('unary', error ?? response, trailers.get('x-echo-bin')[0].toString('hex'));
  },
  async large() {
    const text = 'large '.repeat(300000);
    const { response } = await unary('Echo', text);
    line('large', response === text);
  },
  async deadline() {
    line('deadline', (await unary('Deadline', 'x')).response);
  },
  async late() {
    line('late', (await unary('Wait', 'x', later(0.5))).error.code);
  },
  async status() {
    const { error } = await unary('Missing', 'x');
    line('status', error.code, error.details, error.metadata.get('x-detail')[0]);
  },
  async unknown() {
    const other = new (grpc.makeGenericClientConstructor({ No: { ...calls.Echo, path: '/test.Calls/No' } }, 'No'))(process.argv[2], grpc.credentials.createInsecure());
    const code = await new Promise(resolve => other.No('x', later(60), error => resolve(error.code)));
    other.close();
    line('unknown', code);
  },
  async stream() {
    const { messages, status } = await read(client.Count('1000', later(60)));
    line('stream', messages.length, messages[999], status.code);
  },
  async broken() {
    const { messages, status } = await read(client.Break('x', later(60)));
    line('broken', messages.join('+'), status.code, status.details);
  },
  async cancel() {
    const call = client.Endless('x', later(60));
    const { messages, status } = await read(call, () => call.cancel());
    line('cancel', messages.join('+'), status.code);
  },
  async upload() {
    const answer = await new Promise(resolve => {
      const call = client.Join(new grpc.Metadata(), later(60), (error, response) => resolve(error ?? response));
      for (const part of ['a', 'b', 'c'])
        call.write(part);
      call.end();
    });
    line('upload', answer);
  },
  async talk() {
    // Each message is sent when the answer to the one before has come.
    const call = client.Talk(later(60));
    let turn = 0;
    const say = () => ++turn <= 5 ? call.write(String(turn)) : call.end();
    const reading = read(call, say);
    say();
    const { messages, status } = await reading;
    line('talk', messages.length, messages[4], status.code);
  },
  async many() {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => unary('Echo', String(i))));
    line('many', answers.every(({ response }, i) => response === String(i)));
  },
  async who() {
    const answers = [];
    for (let i = 0; i < 10; i++)
      answers.push((await unary('Echo', 'who')).response);
    line('who', [...new Set(answers)].sort().join(','));
  },
  async failing() {
    const { error } = await unary('Echo', 'x');
    line('failing', error.code, error.details);
  },
};

(async () => {
  for (const kind of process.argv.slice(3))
    await kinds[kind]();
  client.close();
})();
