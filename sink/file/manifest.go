package file

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
)

const manifestName = "manifest.json"

// Manifest is the content of manifest.json.
type Manifest struct {
	Version int             `json:"version"` // of the manifest; 1
	Format  string          `json:"format"`
	Tables  []ManifestTable `json:"tables"` // in the order of their names
}

// ManifestTable describes one file.
type ManifestTable struct {
	Name    string           `json:"name"`
	File    string           `json:"file"`
	Rows    int64            `json:"rows"`
	Bytes   int64            `json:"bytes"`
	SHA256  string           `json:"sha256"` // hex
	Columns []ManifestColumn `json:"columns"`
}

// ManifestColumn is one column of a file.
type ManifestColumn struct {
	Name string `json:"name"`
	Kind string `json:"kind"` // as column.Kind prints it
}

// writeManifest writes the manifest to the disk under a temporary name and gives its path.
func (s *Sink) writeManifest(tables []*table) (temp string, err error) {
	m := Manifest{Version: 1, Format: s.options.Format.Name(), Tables: []ManifestTable{}}
	for _, t := range tables {
		mt := ManifestTable{Name: t.name, File: t.file, Rows: t.rows, Bytes: t.bytes, SHA256: hex.EncodeToString(t.sum.Sum(nil)), Columns: []ManifestColumn{}}
		for k, name := range t.columns {
			mt.Columns = append(mt.Columns, ManifestColumn{Name: name, Kind: t.kinds[k].String()})
		}
		m.Tables = append(m.Tables, mt)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write %s: %w", manifestName, err)
	}
	temp = filepath.Join(s.dir, fmt.Sprintf(".%s.%d-%08x.tmp", manifestName, os.Getpid(), rand.Uint32()))
	out, err := s.create(temp)
	if err != nil {
		return "", fmt.Errorf("write %s into %s: %w", manifestName, s.dir, err)
	}
	_, err = out.Write(append(text, '\n'))
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		os.Remove(temp)
		t := &table{whole: filepath.Join(s.dir, manifestName)}
		return "", t.failure(err)
	}
	return temp, nil
}

// ReadManifest reads the manifest of a directory.
func ReadManifest(dir string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, manifestName), err)
	}
	return m, nil
}
