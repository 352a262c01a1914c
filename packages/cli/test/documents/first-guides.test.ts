import { testDocument } from './followed.ts'
import { FIRST_GUIDES } from './guides.ts'

for (const name of FIRST_GUIDES) testDocument(name)
