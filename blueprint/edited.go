package blueprint

import (
	"bytes"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Edited is Open for a blueprint that is d but for an edit of its main file. It gives what Open gives, sooner: tables in
// which no line is another one are not read again, and the two documents share them.
func (d *Document) Edited(files fs.FS, name string) (*Document, error) {
	if len(d.problems) > 0 {
		return Open(files, name)
	}
	return open(files, name, d.prefix, d.main)
}

// parseEdited reads a text that has as many lines as an earlier one. Of a table without a changed line only the line of
// its name is read, which tells whether the table is still where it was: what is below it then says what it said. nil
// where the whole has to be read, for mistakes too.
func (s *source) parseEdited(before *tree) *tree {
	tables := lookup(before.root, "tables")
	if before.marked || tables == nil || !inBlock(tables) || otherBreaks(before.data) || otherBreaks(s.data) {
		return nil
	}
	was, text := bytes.Split(before.data, []byte("\n")), bytes.Split(s.data, []byte("\n"))
	if len(was) != len(text) {
		return nil
	}
	first, last := 0, len(text)
	for first < last && bytes.Equal(was[first], text[first]) {
		first++
	}
	for last > first && bytes.Equal(was[last-1], text[last-1]) {
		last--
	}
	kept := map[int]*yaml.Node{} // by the line of the name
	for i := 0; i+1 < len(tables.Content); i += 2 {
		from, value := tables.Content[i].Line, tables.Content[i+1]
		to := nextLine(before.root, tables, i, len(text))
		if !inBlock(value) || value.Line == from || first <= to && last >= from { // where it ends hangs on the line that follows
			continue
		}
		kept[from] = value
		for n := from; n < to; n++ {
			text[n] = nil
		}
	}
	skeleton := source{name: s.name, path: s.path, data: bytes.Join(text, []byte("\n"))}
	read, problems := skeleton.parse(nil)
	if read == nil || len(problems) > 0 {
		return nil
	}
	now := lookup(read.root, "tables")
	for i := 0; now != nil && i+1 < len(now.Content); i += 2 {
		key, value := now.Content[i], now.Content[i+1]
		if old := kept[key.Line]; old != nil && value.Kind == yaml.ScalarNode && value.Value == "" {
			now.Content[i+1] = old
			delete(kept, key.Line)
		}
	}
	if len(kept) > 0 {
		return nil
	}
	read.data = s.data
	return read
}

// inBlock tells whether a node is a mapping whose keys stand below one another.
func inBlock(n *yaml.Node) bool { return n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 }

// nextLine gives the last line, from 1, before whatever follows the i-th entry of a root's tables.
func nextLine(root, tables *yaml.Node, i, lines int) int {
	if i+2 < len(tables.Content) {
		return tables.Content[i+2].Line - 1
	}
	if at := slices.Index(root.Content, tables); at+1 < len(root.Content) {
		return root.Content[at+1].Line - 1
	}
	return lines
}

// otherBreaks tells whether a text may have lines that do not end in \n alone.
func otherBreaks(data []byte) bool {
	for _, b := range []string{"\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.Contains(data, []byte(b)) {
			return true
		}
	}
	return false
}
