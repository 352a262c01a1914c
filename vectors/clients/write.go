// Writes a document as encoding/json does, in the order of its members. One document a line in and out.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// A map would lose the order: the client marshals structs, whose members have one.
func write(decoder *json.Decoder, out *bytes.Buffer) {
	token := must(decoder.Token())
	open, isOpen := token.(json.Delim)
	if !isOpen {
		out.Write(must(json.Marshal(token)))
		return
	}
	out.WriteRune(rune(open))
	for count := 0; decoder.More(); count++ {
		if count > 0 {
			out.WriteByte(',')
		}
		if open == '{' {
			out.Write(must(json.Marshal(must(decoder.Token()))))
			out.WriteByte(':')
		}
		write(decoder, out)
	}
	out.WriteRune(rune(must(decoder.Token()).(json.Delim)))
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		decoder := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		decoder.UseNumber()
		var out bytes.Buffer
		write(decoder, &out)
		os.Stdout.Write(append(must(json.Marshal([]string{out.String(), out.String()})), '\n'))
	}
}
