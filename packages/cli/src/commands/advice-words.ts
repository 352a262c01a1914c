/** The calls that advice of the SDK names, and what is typed for them. */
const COMMANDS: Readonly<Record<string, string>> = {
  status: 'status',
  refund: 'refund',
  cancel: 'cancel',
  customerToken: 'token',
  bindCard: 'bind',
  resendOtp: 'otp resend',
  unbindAccount: 'account unbind',
}

/** Advice of the SDK for someone who types commands: calls become commands. */
export function asTyped(advice: string): string {
  return advice
    .replaceAll('with the flow "host-to-host"', 'with --host-to-host')
    .replace(/\b(\w+)\(\)/g, (call, name: string) =>
      Object.hasOwn(COMMANDS, name) ? `\`gerbang ${COMMANDS[name]}\`` : call,
    )
}
