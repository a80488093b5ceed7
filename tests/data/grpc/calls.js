// The methods of one service, whose messages are text: server and client need no generated code.
'use strict';
const grpc = require('@grpc/grpc-js');

const encode = text => Buffer.from(text, 'utf8');
const decode = bytes => bytes.toString('utf8');

function method(name, requestStream, responseStream) {
  return {
    path: `/test.Calls/${name}`, requestStream, responseStream,
    requestSerialize: encode, requestDeserialize: decode, responseSerialize: encode, responseDeserialize: decode,
  };
}

const calls = {
  Echo: method('Echo', false, false),
  Deadline: method('Deadline', false, false),
  Missing: method('Missing', false, false),
  Wait: method('Wait', false, false),
  Count: method('Count', false, true),
  Break: method('Break', false, true),
  Endless: method('Endless', false, true),
  Join: method('Join', true, false),
  Talk: method('Talk', true, true),
};

module.exports = { grpc, calls, encode, decode };
