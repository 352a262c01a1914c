// Makes the package that merchants install: ESM, CommonJS and types in one folder each, with the parts of
// @gerbang/snap inside. Runs as `prepack`; `--restore` runs as `postpack` and puts package.json back.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifestFile = join(root, 'package.json')
const savedFile = join(root, 'dist', 'package.workspace.json')

// The client, and one file per framework. Those import the client's file, so that a class of it is one class.
const ENTRIES = { '.': 'index', './express': 'express', './fastify': 'fastify', './hono': 'hono' }
const CLIENT = './index.js'

// In the workspace other packages import what tsc wrote; in the tarball these two folders take its place.
const PACKED_EXPORTS = Object.fromEntries(
  Object.entries(ENTRIES).map(([path, name]) => [
    path,
    { import: packed('esm', name), require: packed('cjs', name) },
  ]),
)

function packed(format, name) {
  return { types: `./dist/package/${format}/${name}.d.ts`, default: `./dist/package/${format}/${name}.js` }
}

if (process.argv.includes('--restore')) replaceFile(manifestFile, readFileSync(savedFile, 'utf8'))
else await bundle()

async function bundle() {
  const { build } = await import('esbuild')
  const out = join(root, 'dist', 'package')
  rmSync(out, { recursive: true, force: true })
  for (const format of ['esm', 'cjs']) {
    for (const name of Object.values(ENTRIES)) {
      const result = await build({
        entryPoints: [join(root, 'dist', 'src', `${name}.js`)],
        outfile: join(out, format, `${name}.js`),
        bundle: true,
        external: name === 'index' ? [] : [CLIENT],
        platform: 'node',
        target: 'node20',
        format,
        charset: 'utf8',
        legalComments: 'none',
        metafile: true,
        logLevel: 'warning',
      })
      refuseForeign(name, Object.keys(result.metafile.inputs))
    }
    copyTypes(join(out, format))
    const type = format === 'esm' ? 'module' : 'commonjs'
    writeFileSync(join(out, format, 'package.json'), `${JSON.stringify({ type })}\n`)
  }
  packManifest()
}

/** Only the client and the protocol belong in the bundle, and in an adapter only itself. */
function refuseForeign(name, inputs) {
  const foreign = inputs.filter((file) => file.includes('node_modules'))
  if (foreign.length > 0) throw new Error(`the bundle must not hold other packages: ${foreign.join(', ')}`)
  if (name !== 'index' && inputs.length > 1) throw new Error(`${name} must import ${CLIENT} only`)
}

/** Copies the declarations that the entries reach; those of @gerbang/snap go to a folder `snap` beside it. */
function copyTypes(out) {
  const source = join(root, 'dist', 'src')
  const snap = resolve(root, '..', 'snap', 'dist', 'src')
  const pending = Object.values(ENTRIES).map((name) => join(source, `${name}.d.ts`))
  const seen = new Set(pending)
  const targetOf = (file) =>
    file.startsWith(snap) ? join(out, 'snap', relative(snap, file)) : join(out, relative(source, file))
  for (const file of pending) {
    const text = readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*/, '')
    const rewritten = text.replace(/(from\s+|import\()(['"])([^'"]+)\2/g, (whole, lead, quote, name) => {
      const imported = locate(name, { file, snap })
      if (imported === undefined) return whole
      if (!seen.has(imported)) pending.push(imported)
      seen.add(imported)
      const path = relative(dirname(targetOf(file)), targetOf(imported)).replace(/\.d\.ts$/, '.js')
      return `${lead}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`
    })
    mkdirSync(dirname(targetOf(file)), { recursive: true })
    writeFileSync(targetOf(file), rewritten)
  }
}

function locate(name, { file, snap }) {
  if (name.startsWith('.')) return resolve(dirname(file), name.replace(/\.[jt]s$/, '.d.ts'))
  if (name.startsWith('@gerbang/snap/')) return join(snap, `${name.slice('@gerbang/snap/'.length)}.d.ts`)
  if (name.startsWith('node:')) return undefined
  throw new Error(`${file} imports ${name}, which a merchant would not have`)
}

function packManifest() {
  const text = readFileSync(manifestFile, 'utf8')
  const { devDependencies: _, scripts: __, ...manifest } = JSON.parse(text)
  // A pack that was interrupted leaves its manifest behind; it must not be saved as the original.
  if (manifest.exports['.'].require === undefined) writeFileSync(savedFile, text)
  const packed = { ...manifest, exports: PACKED_EXPORTS, scripts: JSON.parse(text).scripts }
  replaceFile(manifestFile, `${JSON.stringify(packed, null, 2)}\n`)
}

/** Other processes resolve this package meanwhile: they see the old manifest or the new one, never half of one. */
function replaceFile(file, text) {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}
