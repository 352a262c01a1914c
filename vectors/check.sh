#!/bin/sh
# Computes every vector again, with openssl and with what is installed of the clients' languages, and compares. Node only unpacks the
# JSON: each field comes as base64.
# Usage: vectors/check.sh
set -eu
cd "$(dirname "$0")"

fields() {
  node -e '
    const rows = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))
    const pack = (value) => "=" + Buffer.from(value ?? "").toString("base64")
    const print = (row, names) => console.log(names.map((name) => pack(row[name])).join(" "))
    const names = process.argv[2].split(",")
    const list = rows.mistakes?.map((row) => ({ ...row, secret: row.secret ?? rows.secret })) ?? rows
    if (names[0] !== "body") for (const row of list) print(row, names)
    else for (const row of list) for (const sent of row.sentAs) print(sent, names)
  ' "$@"
}

# The field without its mark; the mark keeps an empty field from vanishing.
unpack() { printf '%s' "${1#=}" | openssl base64 -d -A; }
sha256() { openssl dgst -sha256 -r | cut -c 1-64; }
# A key given as hex bytes also carries a newline at its end.
key_hex() { unpack "$1" | od -An -v -tx1 | tr -d ' \n'; }
mac() { openssl dgst "-$1" -mac HMAC -macopt "hexkey:$2" -binary; }
mac_hex() { mac "$1" "$2" | od -An -v -tx1 | tr -d ' \n'; }

checked=0
failed=0
compare() {
  checked=$((checked + 1))
  [ "$2" = "$3" ] && return
  failed=$((failed + 1))
  printf '%s\n  expected %s\n  computed %s\n' "$1" "$2" "$3"
}

work=$(mktemp)
trap 'rm -f "$work"' EXIT

fields symmetric.json name,signedBody,bodyHash,stringToSign,secret,signature >"$work"
while read -r name body hash text secret signature; do
  label=$(unpack "$name")
  compare "$label body hash" "$(unpack "$hash")" "$(unpack "$body" | sha256)"
  compare "$label signature" "$(unpack "$signature")" \
    "$(unpack "$text" | mac sha512 "$(key_hex "$secret")" | openssl base64 -A)"
done <"$work"

fields symmetric.json body,bodyHash,about >"$work"
while read -r body hash about; do
  compare "sent as: $(unpack "$about")" "$(unpack "$hash")" "$(unpack "$body" | sha256)"
done <"$work"

fields mistakes.json name,encoding,stringToSign,secret,signature >"$work"
while read -r name encoding text secret signature; do
  key=$(key_hex "$secret")
  case $(unpack "$encoding") in
    base64) made=$(unpack "$text" | mac sha512 "$key" | openssl base64 -A) ;;
    hex) made=$(unpack "$text" | mac_hex sha512 "$key") ;;
    base64-of-hex) made=$(unpack "$text" | mac_hex sha512 "$key" | openssl base64 -A) ;;
    hmac-sha256-base64) made=$(unpack "$text" | mac sha256 "$key" | openssl base64 -A) ;;
  esac
  compare "$(unpack "$name")" "$(unpack "$signature")" "$made"
done <"$work"

fields asymmetric.json name,key,text,signature >"$work"
while read -r name key text signature; do
  made=$(unpack "$text" | openssl dgst -sha256 -sign "keys/$(unpack "$key").private.pem" | openssl base64 -A)
  compare "$(unpack "$name")" "$(unpack "$signature")" "$made"
done <"$work"

fields card-data.json name,form,sharedKey,ivHex,cipher,digest,plaintext,cardData >"$work"
while read -r name form key iv cipher digest plaintext card; do
  case $(unpack "$form") in
    pair)
      short=$(printf '%-16.16s' "$(unpack "$key")" | tr ' ' '-' | od -An -v -tx1 | tr -d ' \n')
      made=$(unpack "$plaintext" | openssl enc -aes-128-cbc -K "$short" -iv "$(unpack "$iv")" | openssl base64 -A)
      compare "card $(unpack "$name")" "$(unpack "$card" | cut -d '|' -f 1)" "$made"
      compare "card $(unpack "$name") IV" "$(unpack "$card" | cut -d '|' -f 2 | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')" \
        "$(unpack "$iv")"
      ;;
    salted)
      made=$(unpack "$card" | openssl enc -d "-$(unpack "$cipher")" -md "$(unpack "$digest")" -k "$(unpack "$key")" -a -A 2>/dev/null)
      compare "card $(unpack "$name")" "$(unpack "$plaintext")" "$made"
      ;;
  esac
done <"$work"

for pair in throw-away-a throw-away-b; do
  compare "$pair" "$(cat "keys/$pair.public.pem")" "$(openssl pkey -in "keys/$pair.private.pem" -pubout)"
done

printf '%s compared, %s different\n' "$checked" "$failed"
echo 'clients.json:'
clients/make.sh || failed=$((failed + 1))
[ "$failed" = 0 ]
