package blueprint

import "io/fs"

// Source is the text of a blueprint: all files that its rows depend on, as a record of a run keeps them.
type Source struct {
	Main  string            `json:"main"` // path of the main file
	Files map[string]string `json:"files"`
}

// maxSource bounds the text of a Source, in bytes.
const maxSource = 256 << 10

// sourceOf gives the text of files; nil where it is larger than a record should be. That of the main file stands
// under "". Of the DDL no row depends on, its files are there and empty.
func sourceOf(main string, files map[string][]byte, ddl map[string]string) *Source {
	s := &Source{Main: main, Files: map[string]string{}}
	for _, name := range ddl {
		s.Files[name] = ""
	}
	size := 0
	for name, data := range files {
		if name == "" {
			name = main
		}
		s.Files[name] = string(data)
		size += len(name) + len(data)
	}
	if size > maxSource {
		return nil
	}
	return s
}

// OpenSource opens the blueprint that a Source holds.
func OpenSource(s *Source) (*Document, error) { return Open(sourceFS(s.Files), s.Main) }

// sourceFS is a folder with some files.
type sourceFS map[string]string

// Open implements fs.FS.
func (f sourceFS) Open(name string) (fs.File, error) {
	text, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return textFS{name, []byte(text)}.Open(name)
}
