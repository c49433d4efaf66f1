// node pinning.js <URL> <token> <folder>: the compliance suite of the IPFS Pinning Service API, whose
// results come into the folder. Three things of it are changed: it need not download the protocol's
// schemas, waits no second between two requests, and pins "0", "1", "2" …, which somebody can have.
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import util from 'node:util'

const [url, token, folder] = process.argv.slice(2)
const schemas = fileURLToPath(new URL('pinning-schemas.json', import.meta.url))
const changes = {
  'constants.js': [
    [/const specLocation = .*;/, `const specLocation = ${JSON.stringify(schemas)};`],
    [/const docsDir = .*;/, `const docsDir = ${JSON.stringify(folder)};`]
  ],
  'getQueue.js': [[/interval: 1000/, 'interval: 5']],
  'getInlineCid.js': [[/process\.hrtime\(\)\.toString\(\)/, 'String(globalThis.contents++)']]
}
globalThis.contents = 0
// What it uses of Nodes of before.
util.isObject ??= value => value !== null && typeof value === 'object'
util.isUndefined ??= value => value === undefined
util.isNumber ??= value => typeof value === 'number'
util.isFunction ??= value => typeof value === 'function'

registerHooks({
  load (address, context, next) {
    const loaded = next(address, context)
    const name = address.split('/').at(-1)
    if (!address.includes('pinning-service-compliance/dist/src/utils/') || !changes[name]) return loaded
    let source = String(loaded.source)
    for (const [pattern, text] of changes[name]) {
      if (!pattern.test(source)) throw new Error(`${name} has no ${pattern}`)
      source = source.replace(pattern, text)
    }
    return { ...loaded, source }
  }
})

process.argv.splice(2, Infinity, '-s', url, token)
await import('@ipfs-shipyard/pinning-service-compliance')
