export { type Claim, claimKey } from './claim-key';
export { keepClaim, releaseKey, storeAnswer } from './settle-key';
