// Verifies what a log publishes with golang.org/x/mod/sumdb: verify-log LOG-VKEY COSIGNER-VKEY FOLDER...
// A folder holds an entry, its proof (C2SP tlog-proof), an older checkpoint, and the consistency proof from that one, a hash
// in base64 a line. Prints "ok INDEX OLDER-SIZE SIZE" or "refused: WHY" for each folder.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type cosigner struct{ name, key string } // C2SP tlog-cosignature: Ed25519 over a time and the text; key = 0x04 || public key

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	hash := sha256.Sum256([]byte(c.name + "\n" + c.key))
	return binary.BigEndian.Uint32(hash[:])
}

func (c cosigner) Verify(text, sig []byte) bool {
	return c.key[0] == 4 && len(sig) == 8+ed25519.SignatureSize && ed25519.Verify([]byte(c.key[1:]),
		[]byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), text)), sig[8:])
}

func main() {
	name, idAndKey, _ := strings.Cut(os.Args[2], "+")
	key := get(base64.StdEncoding.DecodeString(idAndKey[9:]))
	for _, folder := range os.Args[3:] {
		fmt.Println(verify(get(note.NewVerifier(os.Args[1])), cosigner{name, string(key)}, folder))
	}
}

func verify(log, cosigner note.Verifier, folder string) (verdict string) {
	defer func() {
		if why := recover(); why != nil {
			verdict = fmt.Sprint("refused: ", why)
		}
	}()
	read := func(name string) string { return string(get(os.ReadFile(folder + "/" + name))) }
	head, signed, _ := strings.Cut(read("entry.tlog-proof"), "\n\n")
	var index int64
	get(fmt.Sscanf(head, "c2sp.org/tlog-proof@v1\nindex %d", &index))
	size, root := open(signed, log, cosigner)
	get(true, tlog.CheckRecord(hashes(strings.Fields(head)[3:]...), size, root, index, tlog.RecordHash([]byte(read("entry")))))
	olderSize, olderRoot := open(read("checkpoint.older"), log)
	get(true, tlog.CheckTree(hashes(strings.Fields(read("consistency"))...), size, root, olderSize, olderRoot))
	return fmt.Sprint("ok ", index, olderSize, size)
}

func open(signed string, by ...note.Verifier) (size int64, root tlog.Hash) {
	opened := get(note.Open([]byte(signed), note.VerifierList(by...)))
	var origin, hash string
	get(fmt.Sscanf(opened.Text, "%s\n%d\n%s\n", &origin, &size, &hash))
	if origin != by[0].Name() || len(opened.Sigs) != len(by) {
		panic("another log's, or not signed by all")
	}
	return size, hashes(hash)[0]
}

func hashes(lines ...string) (list []tlog.Hash) {
	for _, line := range lines {
		list = append(list, get(tlog.ParseHash(line)))
	}
	return
}

func get[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
