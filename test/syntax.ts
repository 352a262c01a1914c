import {
  isClassDeclaration,
  isEnumDeclaration,
  isExportDeclaration,
  isFunctionLikeDeclaration,
  isImportDeclaration,
  isNonNullExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isStringLiteral,
  isTemplateHead,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { createVirtualFileSystem } from 'typescript/unstable/fs'
import { API } from 'typescript/unstable/sync'
import { type Import, isTest } from './imports.ts'

const MAX_FUNCTION_LINES = 60
const MAX_PARAMETERS = 4
const SQL =
  /^\s*(select\s|insert\s+into|update\s+\S+\s+set|delete\s+from|with\s+\S+\s+as|(create|alter|drop|truncate)\s+(table|index|function|database|schema|role)|begin\b|commit\b|rollback\b)/i

/** Where what a rule forbids elsewhere is at home. */
const AT_HOME: Record<string, RegExp> = {
  environment: /(^|\/)config\.ts$|^bench\/|^test\//,
  console: /^packages\/cli\/|^bench\//,
  sql: /(^|\/)store\.ts$|^packages\/gateway\/src\/database\/|^packages\/embedded\/|^bench\//,
}

export interface Syntax {
  readonly imports: readonly Import[]
  readonly faults: readonly string[]
}

/** Parses sources (path to text) with the compiler's own parser and applies the rules that need syntax. */
export function readSyntax(sources: ReadonlyMap<string, string>): Map<string, Syntax> {
  const options = { noLib: true, noResolve: true, types: [], module: 'NodeNext' }
  const api = new API({
    cwd: '/sources',
    fs: createVirtualFileSystem({
      '/sources/tsconfig.json': JSON.stringify({ compilerOptions: options, include: ['**/*.ts'] }),
      ...Object.fromEntries([...sources].map(([file, text]) => [`/sources/${file}`, text])),
    }),
  })
  try {
    const [project] = api.updateSnapshot({ openProjects: ['/sources/tsconfig.json'] }).getProjects()
    if (project === undefined) throw new Error('the compiler opened no project')
    return new Map(
      [...sources].map(([file, text]) => {
        const root = project.program.getSourceFile(`/sources/${file}`)
        if (root === undefined) throw new Error(`the compiler did not read ${file}`)
        return [file, visit(root, { file, text, imports: [], faults: [] })]
      }),
    )
  } finally {
    api.close()
  }
}

interface Reading {
  readonly file: string
  readonly text: string
  readonly imports: Import[]
  readonly faults: string[]
}

function visit(node: Node, reading: Reading): Reading {
  if (
    (isImportDeclaration(node) || isExportDeclaration(node)) &&
    node.moduleSpecifier &&
    isStringLiteral(node.moduleSpecifier)
  ) {
    reading.imports.push({ file: reading.file, specifier: node.moduleSpecifier.text })
  }
  for (const fault of faultsOf(node, reading))
    reading.faults.push(`line ${lineOf(node, reading.text)}: ${fault}`)
  node.forEachChild((child) => {
    visit(child, reading)
  })
  return reading
}

function faultsOf(node: Node, { file, text }: Reading): string[] {
  const faults: string[] = []
  // A test looks into replies whose shape is what it asks about.
  if (node.kind === SyntaxKind.AnyKeyword && !isTest(file)) faults.push('any')
  if (isEnumDeclaration(node)) faults.push('enum')
  if (isNonNullExpression(node)) faults.push('non-null !')
  if (isClassDeclaration(node) && isStateless(node)) faults.push('a class that holds no state')
  if (isFunctionLikeDeclaration(node)) faults.push(...sizeFaults(node, text, isTest(file)))
  if (isPropertyAccessExpression(node)) faults.push(...globalFaults(node.getText(), file))
  if (isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node) || isTemplateHead(node)) {
    if (SQL.test(node.text) && !isAtHome('sql', file)) faults.push('SQL belongs to store.ts and database/')
  }
  return faults
}

function sizeFaults(
  node: Node & { parameters: readonly unknown[] },
  text: string,
  isOfTest: boolean,
): string[] {
  const lines = text.slice(node.getStart(), node.end).split('\n').length
  return [
    ...(lines > MAX_FUNCTION_LINES && !isOfTest
      ? [`a function of ${lines} lines, at most ${MAX_FUNCTION_LINES}`]
      : []),
    ...(node.parameters.length > MAX_PARAMETERS ? [`${node.parameters.length} positional parameters`] : []),
  ]
}

function globalFaults(access: string, file: string): string[] {
  if (access === 'process.env' && !isAtHome('environment', file)) return ['process.env belongs to config.ts']
  if (/^console\.\w+$/.test(access) && !isAtHome('console', file)) return ['console']
  return []
}

function isStateless(node: Node & { members: readonly Node[]; heritageClauses?: unknown }): boolean {
  const held = [SyntaxKind.PropertyDeclaration, SyntaxKind.Constructor]
  return node.heritageClauses === undefined && !node.members.some((member) => held.includes(member.kind))
}

function isAtHome(rule: keyof typeof AT_HOME, file: string): boolean {
  return isTest(file) || AT_HOME[rule]?.test(file) === true
}

function lineOf(node: Node, text: string): number {
  return text.slice(0, node.getStart()).split('\n').length
}
