export { callbackUrl } from './callback-token';
export { getCallbackUrl } from './get-callback-url';
export { callbackTarget, receiveCallback } from './receive-callback';
export { sendSignal } from './send-signal';
