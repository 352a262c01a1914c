import { testDocument } from './followed.ts'
import { OTHER_GUIDES } from './guides.ts'

for (const name of OTHER_GUIDES) testDocument(name)
