export { callbackUrl } from './callback-token';
