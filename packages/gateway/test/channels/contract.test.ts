import { CHANNELS } from '../../src/channels/index.ts'
import { addBindingContract } from './contract-bindings.ts'
import { addChargeContract } from './contract-charges.ts'
import { addMoneyContract } from './contract-money.ts'

// What every channel has to do, as far as its profile says that it offers it.
for (const channel of CHANNELS) {
  addBindingContract(channel)
  addChargeContract(channel)
  addMoneyContract(channel)
}
