// Makes the worked example beside it with golang.org/x/mod/sumdb of Debian, the same bytes each time:
// GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode go run tests/vectors/note-tlog/make.go tests/vectors/note-tlog
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin, witnessName, cosigned = "hub.example/audit", "witness.example/w1", 1700000000

type witness struct{ key ed25519.PrivateKey } // C2SP tlog-cosignature, which x/mod does not have

func (w witness) public() []byte { return append([]byte{4}, w.key.Public().(ed25519.PublicKey)...) }

func (w witness) Name() string { return witnessName }

func (w witness) KeyHash() uint32 {
	hash := sha256.Sum256([]byte(witnessName + "\n" + string(w.public())))
	return binary.BigEndian.Uint32(hash[:])
}

func (w witness) Sign(text []byte) ([]byte, error) {
	signature := ed25519.Sign(w.key, []byte(message(text)))
	return append(binary.BigEndian.AppendUint64(nil, cosigned), signature...), nil
}

func message(text []byte) string { return fmt.Sprintf("cosignature/v1\ntime %d\n%s", cosigned, text) }

var stored []tlog.Hash // as x/mod numbers them

var reader = tlog.HashReaderFunc(func(indexes []int64) (hashes []tlog.Hash, err error) {
	for _, index := range indexes {
		hashes = append(hashes, stored[index])
	}
	return
})

type example struct {
	LogSeed     string            `json:"log_seed_hex"`
	LogKey      string            `json:"log_vkey"`
	LogPub      string            `json:"log_pub_hex"`
	WitnessSeed string            `json:"witness_seed_hex"`
	WitnessKey  string            `json:"witness_vkey"`
	WitnessPub  string            `json:"witness_pub_hex"`
	Entries     []string          `json:"entries"`
	Leaves      []string          `json:"leaf_hashes"`
	Roots       map[string]string `json:"roots"`
	Inclusion   []string          `json:"inclusion_3_of_5"`
	Consistency []string          `json:"consistency_3_to_5"`
	Cosigned    string            `json:"cosignature_signed_message"`
}

func main() {
	logSeed, witnessSeed := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	skey, vkey, err := note.GenerateKey(bytes.NewReader(logSeed), origin)
	must(err)
	signer := get(note.NewSigner(skey))
	w := witness{ed25519.NewKeyFromSeed(witnessSeed)}

	made := example{
		LogSeed: hex.EncodeToString(logSeed), LogKey: vkey, LogPub: hex.EncodeToString(ed25519.NewKeyFromSeed(logSeed).Public().(ed25519.PublicKey)),
		WitnessSeed: hex.EncodeToString(witnessSeed), WitnessPub: hex.EncodeToString(w.public()[1:]),
		WitnessKey: fmt.Sprintf("%s+%08x+%s", witnessName, w.KeyHash(), base64.StdEncoding.EncodeToString(w.public())),
		Roots:      map[string]string{"0": fmt.Sprint(tlog.Hash(sha256.Sum256(nil)))}, // x/mod has no root of an empty tree
	}
	var bundle []byte
	for n := int64(0); n < 5; n++ {
		entry := fmt.Sprint("entry ", n)
		made.Entries = append(made.Entries, entry)
		made.Leaves = append(made.Leaves, fmt.Sprint(tlog.RecordHash([]byte(entry))))
		stored = append(stored, get(tlog.StoredHashes(n, []byte(entry), reader))...)
		made.Roots[fmt.Sprint(n+1)] = fmt.Sprint(get(tlog.TreeHash(n+1, reader)))
		bundle = append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...)
	}
	made.Inclusion = lines(get(tlog.ProveRecord(5, 3, reader)))
	made.Consistency = lines(get(tlog.ProveTree(5, 3, reader)))

	unsigned := func(size int) note.Note {
		return note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, made.Roots[fmt.Sprint(size)])}
	}
	three, five := unsigned(3), unsigned(5)
	made.Cosigned = message([]byte(five.Text))
	asked, whole := get(note.Sign(&five, signer)), get(note.Sign(&five, signer, w))
	write("checkpoint.3", get(note.Sign(&three, signer)))
	write("checkpoint.5", whole)
	write("add-checkpoint.request", []byte("old 3\n"+strings.Join(made.Consistency, "\n")+"\n\n"+string(asked)))
	write("add-checkpoint.response", bytes.TrimPrefix(whole, asked))
	write("entry3.leaf", []byte(made.Entries[3]))
	proof := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex 3\n%s\n\n%s", strings.Join(made.Inclusion, "\n"), whole)
	write("entry3.tlog-proof", []byte(proof))
	write("zero-byte.tlog-proof", []byte(strings.Replace(proof, "index 3\n", "index 3\x00\n", 1)))
	write("tile-0-000.p-5", get(tlog.ReadTileData(tlog.Tile{H: 8, L: 0, N: 0, W: 5}, reader)))
	write("tile-entries-000.p-5", bundle)

	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	must(encoder.Encode(made))
	write("worked-example.json", bytes.TrimRight(text.Bytes(), "\n"))
}

func lines(hashes []tlog.Hash) (list []string) {
	for _, hash := range hashes {
		list = append(list, hash.String())
	}
	return
}

func write(name string, content []byte) { must(os.WriteFile(os.Args[1]+"/"+name, content, 0o644)) }

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func get[T any](value T, err error) T {
	must(err)
	return value
}
