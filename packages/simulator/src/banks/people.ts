import { readList } from '../cards.ts'
import { CHECK_BANKS, type Person } from './contract.ts'

export interface People {
  /** Whose telephone it is; undefined when no bank knows it. */
  find(phoneNo: string): NamedPerson | undefined
  list(): readonly Person[]
}

/** A person of whom everything is known that a bank decides by. */
export type NamedPerson = Person & { readonly pin: string }

const DEFAULT_PIN = '123456'
const MOBILE = /^628\d{6,13}$/

/**
 * The people of people.json, and whoever else has an Indonesian mobile telephone.
 * @throws when a people.json does not follow its schema
 */
export function openPeople(directory: string): People {
  const list = readList(directory, 'people.json')
  if (!CHECK_BANKS.people.Check(list)) throw new Error('people.json does not follow the schema of people')
  const byPhone = new Map(list.map((person) => [person.phoneNo, person]))
  return {
    find(phoneNo) {
      const person = byPhone.get(phoneNo) ?? stranger(phoneNo)
      if (!person || person.state === 'unknown') return undefined
      return { ...person, pin: person.pin ?? DEFAULT_PIN }
    },
    list: () => list,
  }
}

function stranger(phoneNo: string): Person | undefined {
  if (!MOBILE.test(phoneNo)) return undefined
  return { id: phoneNo, name: 'Nasabah Uji', phoneNo, balance: '100000000.00', limit: null }
}
