// Whether objects of Kubernetes, and what Traefik has in common with its own of Kubernetes, are what their programs
// take: every field known, of its type, and all there that must be. TypeScript judges, by the types that
// kubernetes-models makes from the schemas of Kubernetes and from Traefik's source.
//
//   node objects.mjs MODULES DOCUMENT...      prints what is wrong, and how many objects were judged

import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [modules, ...documents] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), 'package.json'));
const ts = require('typescript');
const { parseAllDocuments } = require('yaml');

const TRAEFIK = '@kubernetes-models/traefik/traefik.io/v1alpha1/';
const KUBERNETES = 'kubernetes-models/';

// A file of TypeScript that holds the objects as literals of their types.
const imports = [];
const values = [];

function judge(type, from, value, where) {
  const name = `T${imports.length}`;
  imports.push(`import type { ${type} as ${name} } from '${from}';`);
  values.push({ where, text: `export const v${values.length}: ${wanted(type, name)} = ${JSON.stringify(value)};` });
}

// In a file Traefik takes files of certificates, in a cluster names of secrets.
const wanted = (type, name) => (type === 'IServersTransportSpec' ? `Omit<${name}, 'rootCAs'> & { rootCAs: string[] }` : name);

for (const document of documents) {
  const text = readFileSync(document, 'utf8');
  for (const [, block] of text.matchAll(/^```yaml\n(.*?)^```$/gms)) {
    for (const yaml of parseAllDocuments(block)) {
      if (yaml.errors.length) throw yaml.errors[0];
      const it = yaml.toJS();
      if (it.apiVersion && it.kind) {
        judge(`I${it.kind}`, `${KUBERNETES}${it.apiVersion}/${it.kind}`, it, `${document}: ${it.kind} ${it.metadata?.name}`);
      } else if (it.http?.services) {
        ofTraefik(it.http, document);
      }
    }
  }
}

function ofTraefik(http, document) {
  const each = (map, take) => Object.entries(map || {}).forEach(([name, value]) => take(value, `${document}: ${name}`));
  each(http.middlewares, (it, where) => judge('IMiddlewareSpec', TRAEFIK + 'MiddlewareSpec', it, where));
  each(http.serversTransports, (it, where) => judge('IServersTransportSpec', TRAEFIK + 'ServersTransportSpec', it, where));
  each(http.services, (it, where) => {
    const check = it.loadBalancer.healthCheck;
    if (check) judge('IServerHealthCheck', TRAEFIK + 'ServerHealthCheck', check, where);
  });
}

const file = join(resolve(modules), 'objects.ts');
const source = imports.join('\n') + '\n' + values.map(each => each.text).join('\n') + '\n';
const options = { strict: true, noEmit: true, skipLibCheck: true, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ES2022, types: [] };
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists, readFile } = host;
host.getSourceFile = (name, ...more) => (name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile(name, ...more));
host.fileExists = name => name === file || fileExists(name);
host.readFile = name => (name === file ? source : readFile(name));
for (const found of ts.getPreEmitDiagnostics(ts.createProgram([file], options, host))) {
  const line = found.file === undefined ? -1 : found.file.getLineAndCharacterOfPosition(found.start).line - imports.length;
  console.log(`${values[line]?.where ?? 'types'}: ${ts.flattenDiagnosticMessageText(found.messageText, ' ')}`);
}
console.log(`${values.length} objects`);
