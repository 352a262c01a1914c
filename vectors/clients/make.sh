#!/bin/sh
# Writes the documents of ../clients.json by real json.dumps, encoding/json, Gson and Jackson, and compares with what the file holds.
# Usage: CLASSPATH=<jars of gson, jackson-databind, jackson-core, jackson-annotations> vectors/clients/make.sh [--write]
# What is not installed is named and not compared.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node -e '
  const { documents } = JSON.parse(require("node:fs").readFileSync("../clients.json", "utf8"))
  process.stdout.write(documents.map(({ value }) => `${JSON.stringify(value)}\n`).join(""))
' >"$work/documents"

has() { command -v "$1" >/dev/null || { echo "$1 is not installed"; return 1; }; }
lines() { name=$1 by=$2 && shift 2 && "$@" <"$work/documents" >"$work/$name" && echo "$by" >"$work/$name.by"; }

has python3 && lines python "Python $(python3 -c 'import platform; print(platform.python_version())')" python3 write.py
has go && lines go "$(go version | cut -d ' ' -f 3)" go run write.go
if has java && [ -n "${CLASSPATH:-}" ]; then
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
  for (const client of ["python", "go", "java", "java-card"]) {
    if (!existsSync(`${work}/${client}.by`)) continue
    const by = readFileSync(`${work}/${client}.by`, "utf8").trim()
    const made = readFileSync(`${work}/${client}`, "utf8").trim().split("\n").map((line) => JSON.parse(line))
    const rows = made.map(([sent, signed], at) => ({ client, document: file.documents[at].name, by, sent, signed }))
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
