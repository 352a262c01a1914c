/** All of a payment at once, for whoever calls it off: held where refunds are, so that the two shut each other out. */
export { endWhole, holdWhole, type Whole } from './store.ts'
