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

const manifestName = "manifest.json" // of all rows; a shard's has its mark

// Manifest is the content of manifest.json.
type Manifest struct {
	Version     int             `json:"version"` // of the manifest; 2
	Format      string          `json:"format"`
	Compression string          `json:"compression,omitempty"` // of the files, or of the pages in them
	Dialect     string          `json:"dialect,omitempty"`     // of SQL
	Shard       *Shard          `json:"shard,omitempty"`
	Origin      Origin          `json:"origin"`
	Tables      []ManifestTable `json:"tables"` // in the order of their names
}

// ManifestTable describes one file.
type ManifestTable struct {
	Name    string           `json:"name"`
	File    string           `json:"file"`
	First   int64            `json:"first_row"` // number of the first row
	Rows    int64            `json:"rows"`
	Bytes   int64            `json:"bytes"`
	SHA256  string           `json:"sha256"`            // hex
	Content *ManifestContent `json:"content,omitempty"` // where the file is compressed
	Columns []ManifestColumn `json:"columns"`
}

// ManifestContent is what a compressed file holds.
type ManifestContent struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// ManifestColumn is one column of a file.
type ManifestColumn struct {
	Name string `json:"name"`
	Kind string `json:"kind"`               // as column.Kind prints it
	Type string `json:"type,omitempty"`     // the database's, where it is known
	Null bool   `json:"nullable,omitempty"` // by the schema, where it is known
}

// writeManifest writes the manifest to the disk under a temporary name and gives its path.
func (s *Sink) writeManifest(tables []*table) (temp string, err error) {
	m := Manifest{Version: 2, Format: s.options.Format.Name(), Compression: string(s.options.Compression), Origin: s.options.Origin, Tables: []ManifestTable{}}
	if s.options.Shard.Count > 0 {
		m.Shard = &s.options.Shard
	}
	if f, ok := s.options.Format.(SQL); ok {
		m.Dialect = f.Dialect
	}
	for _, t := range tables {
		mt := ManifestTable{Name: t.name, File: t.file, First: t.first, Rows: t.rows, Bytes: t.bytes, SHA256: hex.EncodeToString(t.sum.Sum(nil)), Columns: []ManifestColumn{}}
		for k, name := range t.columns {
			c := ManifestColumn{Name: name, Kind: t.kinds[k].String()}
			if sc := t.schema[k]; sc != nil && sc.Type.Name != "" {
				c.Type, c.Null = sc.Type.Name, !sc.NotNull
			}
			mt.Columns = append(mt.Columns, c)
		}
		if t.compressor != nil {
			mt.Content = &ManifestContent{Bytes: t.size, SHA256: hex.EncodeToString(t.content.Sum(nil))}
		}
		m.Tables = append(m.Tables, mt)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write %s: %w", s.index, err)
	}
	temp = filepath.Join(s.dir, fmt.Sprintf(".%s.%d-%08x.tmp", s.index, os.Getpid(), rand.Uint32()))
	out, err := s.create(temp)
	if err != nil {
		return "", fmt.Errorf("write %s into %s: %w", s.index, s.dir, err)
	}
	_, err = out.Write(append(text, '\n'))
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		os.Remove(temp)
		t := &table{whole: filepath.Join(s.dir, s.index)}
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
