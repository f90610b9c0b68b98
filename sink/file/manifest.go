package file

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

const manifestName = "manifest.json" // of all rows; a shard's has its mark

// Manifest is the content of manifest.json.
type Manifest struct {
	Version     int             `json:"version"` // of the manifest; 2
	Format      string          `json:"format"`
	Compression string          `json:"compression,omitempty"` // of the files, or of the pages in them
	Dialect     string          `json:"dialect,omitempty"`     // of SQL
	Shard       *Shard          `json:"shard,omitempty"`
	Shards      int             `json:"shards,omitempty"` // of several shards, which Merge has found to be whole: their number
	Origin      Origin          `json:"origin"`
	Tables      []ManifestTable `json:"tables"` // in the order of their names
}

// ManifestTable describes one file. Of several shards a table has several, in the order of their rows; the first one has
// the columns of all.
type ManifestTable struct {
	Name    string           `json:"name"`
	File    string           `json:"file"`
	First   int64            `json:"first_row"` // number of the first row
	Rows    int64            `json:"rows"`
	Bytes   int64            `json:"bytes"`
	SHA256  string           `json:"sha256"`            // hex
	ETag    string           `json:"etag,omitempty"`    // of an object of this content, as it was written
	Content *ManifestContent `json:"content,omitempty"` // where the file is compressed
	Columns []ManifestColumn `json:"columns,omitempty"`
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

// manifest describes sealed files.
func (s *Sink) manifest(tables []*table) *Manifest {
	m := &Manifest{Version: 2, Format: s.options.Format.Name(), Compression: string(s.options.Compression), Origin: s.options.Origin, Tables: []ManifestTable{}}
	if s.options.Shard.Count > 0 {
		m.Shard = &s.options.Shard
	}
	if f, ok := s.options.Format.(SQL); ok {
		m.Dialect = f.Dialect
	}
	for _, t := range tables {
		mt := ManifestTable{Name: t.name, File: t.file, First: t.first, Rows: t.rows, Bytes: t.bytes, SHA256: hex.EncodeToString(t.sum.Sum(nil)), ETag: t.tag}
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
	return m
}

// draft writes the manifest to where it is safe, and nobody sees it yet.
func (m *Manifest) draft(place Place, name string) (Draft, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	out, err := place.Create(name)
	if err != nil {
		return nil, fmt.Errorf("write %s into %s: %w", name, place.Path(""), err)
	}
	_, err = out.Write(append(text, '\n'))
	if err == nil {
		_, err = out.Seal()
	}
	if err != nil {
		t := &table{whole: place.Path(name)}
		return nil, errors.Join(t.failure(err), out.Discard())
	}
	return out, nil
}

// ReadManifest reads the manifest of a directory.
func ReadManifest(dir string) (*Manifest, error) { return readManifest(InDirectory(dir), manifestName) }

func readManifest(place Place, name string) (*Manifest, error) {
	in, err := place.Read(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	m := new(Manifest)
	if err := json.NewDecoder(in).Decode(m); err != nil {
		return nil, fmt.Errorf("%s: %w", place.Path(name), err)
	}
	return m, nil
}
