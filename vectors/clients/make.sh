#!/bin/sh
# Writes the documents of ../clients.json by real json.dumps, encoding/json, json_encode, Gson and Jackson, and compares with what the
# file holds. What is not installed is named and not compared.
# Usage: CLASSPATH=<jars of gson, jackson-databind, jackson-core, jackson-annotations> vectors/clients/make.sh [--write]
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Each client's documents, one a line; of those given as text, the text itself, which numbers and the order of names do not survive.
node -e '
  const { readFileSync, writeFileSync } = require("node:fs")
  const { documents } = JSON.parse(readFileSync("../clients.json", "utf8"))
  for (const client of new Set(documents.flatMap(({ clients }) => clients))) {
    const lines = documents.filter(({ clients }) => clients.includes(client))
    const texts = lines.map(({ value, text }) => `${text ?? JSON.stringify(value)}\n`)
    writeFileSync(`${process.argv[1]}/${client}.documents`, texts.join(""))
  }
' "$work"

has() { command -v "$1" >/dev/null || { echo "$1 is not installed"; return 1; }; }
lines() { name=$1 by=$2 && shift 2 && "$@" <"$work/$name.documents" >"$work/$name" && echo "$by" >"$work/$name.by"; }

has python3 && lines python "Python $(python3 -c 'import platform; print(platform.python_version())')" python3 write.py
has go && lines go "$(go version | cut -d ' ' -f 3)" go run write.go
if has php; then
  version="PHP $(php -n -r 'echo PHP_VERSION;')"
  lines php "$version" php -n write.php
  lines php-objects "$version, objects" php -n write.php objects
  # As in PHP 7.0 and before, and in a php.ini that was kept since then.
  lines php-17 "$version, serialize_precision 17" php -n -d serialize_precision=17 write.php
fi
if has java && [ -z "${CLASSPATH:-}" ]; then
  echo 'Gson and Jackson are not compared: CLASSPATH does not name them'
elif has java >/dev/null; then
  javac -d "$work" Write.java
  jars=$(echo "$CLASSPATH" | tr ':' '\n' | sed -n 's/.*\/\(\(gson\|jackson-databind\)-[0-9.]*[0-9]\)\.jar/\1/p' | sort | paste -sd ' ')
  lines java "$jars" java -cp "$work:$CLASSPATH" Write
  lines java-card "$jars" java -cp "$work:$CLASSPATH" Write plain
fi

node -e '
  const { existsSync, readFileSync, writeFileSync } = require("node:fs")
  const [work, mode] = process.argv.slice(1)
  const file = JSON.parse(readFileSync("../clients.json", "utf8"))
  let compared = 0
  let different = 0
  for (const client of new Set(file.documents.flatMap(({ clients }) => clients))) {
    if (!existsSync(`${work}/${client}.by`)) continue
    const by = readFileSync(`${work}/${client}.by`, "utf8").trim()
    const made = readFileSync(`${work}/${client}`, "utf8").trim().split("\n").map((line) => JSON.parse(line))
    const names = file.documents.filter(({ clients }) => clients.includes(client)).map(({ name }) => name)
    const rows = made.map(([sent, signed], at) => ({ client, document: names[at], by, sent, signed }))
    if (mode === "--write") {
      file.written = [...file.written.filter((row) => row.client !== client), ...rows]
      continue
    }
    for (const row of rows) {
      const known = file.written.find((one) => one.client === client && one.document === row.document)
      compared += 2
      for (const form of ["sent", "signed"]) {
        if (known?.[form] === row[form]) continue
        different += 1
        console.log(`${client}, ${row.document}, ${form}\n  expected ${known?.[form]}\n  written  ${row[form]}`)
      }
    }
  }
  if (mode === "--write") writeFileSync("../clients.json", `${JSON.stringify(file, null, 2)}\n`)
  else console.log(`${compared} compared, ${different} different`)
  process.exitCode = different === 0 ? 0 : 1
' "$work" "${1:-}"
