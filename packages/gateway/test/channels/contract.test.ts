import { CHANNEL_SLUGS } from '../../src/channels/index.ts'
import { addBindingContract } from './contract-bindings.ts'
import { addChargeContract } from './contract-charges.ts'
import { addMoneyContract } from './contract-money.ts'

// What every channel has to do, as far as its profile says that it offers it.
for (const slug of CHANNEL_SLUGS) {
  addBindingContract(slug)
  addChargeContract(slug)
  addMoneyContract(slug)
}
