import { Command } from 'commander'
import { addAccount } from './commands/account.ts'
import { addBind } from './commands/bind.ts'
import { addCancel } from './commands/cancel.ts'
import { addClock } from './commands/clock.ts'
import { addInbox } from './commands/inbox.ts'
import { addListen } from './commands/listen.ts'
import { addMagic } from './commands/magic.ts'
import { addNotifications } from './commands/notifications.ts'
import { addOtp } from './commands/otp.ts'
import { addPartner } from './commands/partner.ts'
import { addPay } from './commands/pay.ts'
import { addRefund } from './commands/refund.ts'
import { addResend } from './commands/resend.ts'
import { addMigrate, addServe, addSimulate } from './commands/run.ts'
import { addSign } from './commands/sign.ts'
import { addStart } from './commands/start.ts'
import { addStatus } from './commands/status.ts'
import { addToken } from './commands/token.ts'
import { addTrigger } from './commands/trigger.ts'
import { addUnbind } from './commands/unbind.ts'
import { addVault } from './commands/vault.ts'
import { addVerify } from './commands/verify.ts'
import { addWallet } from './commands/wallet.ts'
import type { Context } from './context.ts'

const COMMANDS = [
  addStart,
  addServe,
  addSimulate,
  addMigrate,
  addPay,
  addStatus,
  addRefund,
  addCancel,
  addBind,
  addOtp,
  addUnbind,
  addToken,
  addAccount,
  addWallet,
  addSign,
  addVerify,
  addTrigger,
  addListen,
  addNotifications,
  addResend,
  addInbox,
  addClock,
  addPartner,
  addVault,
  addMagic,
]

/** The whole command line: what it takes, and what it does with it. */
export function openProgram(context: Context): Command {
  const program = new Command('gerbang')
    .description('A self-hosted payment gateway for Kartu Kredit Indonesia and direct debit, over SNAP')
    .version('0.1.0')
    .exitOverride()
  for (const add of COMMANDS) add(program, context)
  leadToHelp(program, 'npx gerbang')
  return program
}

/** Who calls a command wrongly is told how to see its own options. */
function leadToHelp(command: Command, line: string): void {
  command.showHelpAfterError(`Next: ${line} --help`)
  for (const inner of command.commands) leadToHelp(inner, `${line} ${inner.name()}`)
}
