export { createDatabase, dropDatabase } from './databases.ts'
export { type Database, type DatabaseOptions, startDatabase } from './start-database.ts'
