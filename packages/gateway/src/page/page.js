// What the page does better with a script than without. It is sent in the page, at most 4 KB; see assets.ts.
{
  const $ = (selector, root = document) => root.querySelector(selector)
  const { path } = document.body.dataset
  const form = $('form')
  const say = (text) => {
    $('[data-voice]').textContent = text
  }
  // Never while the form is on its way: leaving would cut it off.
  const see = () => form?.hasAttribute('aria-busy') || location.replace(path)
  const clock = (left, sign) => `${Math.floor(left / 60)}${sign}${String(left % 60).padStart(2, '0')}`

  // Calls tick(seconds left) whenever the number changes; the clock decides, since sleeping tabs tick late.
  const countDown = (seconds, tick) => {
    const end = Date.now() + seconds * 1000
    let last
    const step = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000))
      if (left === 0) clearInterval(timer)
      if (left !== last) tick(left)
      last = left
    }
    const timer = setInterval(step, 250)
    step()
    return () => clearInterval(timer)
  }

  const life = $('[data-life]')
  if (life) {
    const { sign, say: spoken, dead } = life.dataset
    const words = JSON.parse(spoken)
    $('.seconds', life).hidden = false
    countDown(life.dataset.life, (left) => {
      $('[role=timer]', life).textContent = clock(left, sign)
      if (words[left]) say(words[left])
      if (left === 0) {
        life.classList.add('dead')
        life.lastElementChild.textContent = dead
      }
    })
  }

  const wait = $('[data-wait]')
  if (wait) {
    const button = $('[value=resend]')
    const { sign, ready } = wait.dataset
    wait.hidden = false
    $('[data-wait-from]').hidden = true
    button.setAttribute('aria-disabled', 'true')
    countDown(wait.dataset.wait, (left) => {
      wait.textContent = ` (${clock(left, sign)})`
      if (left > 0) return
      wait.hidden = true
      button.removeAttribute('aria-disabled')
      say(ready)
    })
  }

  const session = $('[data-session]')
  if (session) {
    const isEnding = session.classList.contains('ending')
    session.hidden = !isEnding
    countDown(session.dataset.session, (left) => {
      if (left === 0) see()
      else if (left <= 60 && session.hidden) {
        session.hidden = false
        session.classList.add('ending')
        $('p', session).textContent = session.dataset.ending
        say(session.dataset.ending)
      }
    })
  }

  if (form) {
    let sentAt = 0
    form.addEventListener('submit', (event) => {
      const isOff = event.submitter?.getAttribute('aria-disabled') === 'true'
      // A click on the way is not sent twice. After a while it may be: the first may never arrive.
      if (isOff || Date.now() - sentAt < 15000) return event.preventDefault()
      sentAt = Date.now()
      form.setAttribute('aria-busy', 'true')
      say(form.dataset.sending)
    })
    addEventListener('pageshow', () => {
      sentAt = 0
      form.removeAttribute('aria-busy')
    })
  }

  const field = $('[autocomplete=one-time-code]')
  if (field && 'OTPCredential' in window) {
    navigator.credentials
      .get({ otp: { transport: ['sms'] } })
      .then(({ code }) => {
        field.value = code
        $('[value=verify].main').focus()
      })
      .catch(() => {})
  }

  const print = $('[data-print]')
  if (print) {
    print.hidden = false
    print.addEventListener('click', () => window.print())
  }

  const back = $('[data-return]')
  if (back) {
    back.hidden = false
    const stop = countDown(back.dataset.return, (left) => {
      $('[role=timer]', back).textContent = left
      if (left === 0) location.assign($('[data-shop]').href)
    })
    say($('p', back).textContent)
    $('[data-stop]').addEventListener('click', () => {
      stop()
      back.hidden = true
      $('[data-shop]').focus()
    })
  }

  const poll = $('[data-poll]')
  if (poll) {
    const ask = async () => {
      try {
        const { status } = await fetch(poll.dataset.poll, { cache: 'no-store' })
        if (status === 200 || status === 404 || status === 410) return see()
      } catch {}
      setTimeout(ask, 2000)
    }
    setTimeout(ask, 2000)
  }
}
