package blueprint

import (
	"path"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Resolve puts the parameters' values into the blueprint and decodes it. Generators are the names of all
// generators. The error has the type Problems and names every mistake, those that Open found included.
func (d *Document) Resolve(values map[string]Given, generators []string) (*Blueprint, error) {
	ps := slices.Clone(d.problems)
	params, unset := withValues(d.params, values, &ps)
	b := d.resolve(params, unset, generators, &ps)
	if err := ps.Err(); err != nil {
		return nil, err
	}
	return b, nil
}

// Check gives every mistake of the blueprint, whatever the values of its parameters: where a required
// parameter has none, what depends on it is passed over. The error has the type Problems.
func (d *Document) Check(generators []string) error {
	ps := slices.Clone(d.problems)
	var ignored Problems
	params, unset := withValues(d.params, nil, &ignored)
	d.resolve(params, unset, generators, &ps)
	return ps.Err()
}

func (d *Document) resolve(params []*Parameter, unset map[string]bool, generators []string, ps *Problems) *Blueprint {
	b := &Blueprint{
		Name: d.name, Description: d.description, Version: languageVersion, DDL: d.DDL, Database: d.Database,
		Parameters: params,
		Pools:      make(map[string]*PoolSpec), Files: d.files,
		pools: make(map[string][]PoolText), generators: generators,
		origin: origin{main: d.origin.main, files: make(map[*yaml.Node]*source), exprs: make(map[*yaml.Node]string)},
	}
	e := newEvaluator(params, unset)
	dec := b.origin.decoder(generators)
	pools := d.interpolated("pool", d.pools, &b.origin, e, dec)
	tables := d.interpolated("table", d.tables, &b.origin, e, dec)

	reader := poolReader{files: d.files, prefix: d.prefix, digest: make(map[string][]byte), problems: ps}
	for _, entry := range pools {
		var p filePool
		dec.decodeAt(entry.Value, &p, entry.Key, entry.Pos)
		dir := path.Dir(b.origin.source(entry.Value).path)
		b.pools[entry.Key] = reader.read(entry.Key, dir, &p, &b.origin)
		b.Pools[entry.Key] = &p.spec
	}

	c := tableCheck{Decoder: dec, isTable: make(map[string]bool), moreTables: len(tables) < len(d.tables)}
	for _, entry := range tables {
		c.tables = append(c.tables, entry.Key)
		c.isTable[entry.Key] = true
	}
	for _, entry := range tables {
		if !unresolved(entry.Value) {
			b.Tables = append(b.Tables, c.table(entry))
		}
	}
	for i := range d.charts {
		if chart, ok := c.chart(&d.charts[i], b.Tables); ok {
			b.Charts = append(b.Charts, chart)
		}
	}
	*ps = append(*ps, dec.problems...)
	eachCycles(b.Tables, ps)

	for i, s := range d.sources {
		name := s.path
		if i == 0 {
			name = "" // the main file may be renamed
		}
		reader.digest[name] = s.data
	}
	b.Digest = digestOf(reader.digest)
	b.Source = sourceOf(d.sources[0].path, reader.digest, d.DDL)
	return b
}

// interpolated gives copies of the entries with their ${...} replaced, in their keys too.
func (d *Document) interpolated(what string, entries []Entry[*yaml.Node], o *origin, e *evaluator, dec *Decoder) []Entry[*yaml.Node] {
	var out []Entry[*yaml.Node]
	seen := make(map[string]Pos)
	for _, entry := range entries {
		from := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: entry.Key, Line: entry.Pos.Line, Column: entry.Pos.Column}
		if s := d.origin.files[entry.Value]; s != nil {
			o.files[from] = s
		}
		o.interpolate(from, e, &dec.problems)
		if unresolved(from) {
			continue
		}
		entry.Key = from.Value
		entry.Value = o.clone(entry.Value, &d.origin)
		o.interpolate(entry.Value, e, &dec.problems)
		out = append(out, dec.unique(what, []Entry[*yaml.Node]{entry}, seen)...)
	}
	return out
}

// PosOf tells where a node of the blueprint stands; the zero Pos for nil.
func (b *Blueprint) PosOf(n *yaml.Node) Pos {
	if n == nil {
		return Pos{}
	}
	return b.origin.pos(n)
}

// NewDecoder makes a Decoder for the arguments of this blueprint's generators.
func (b *Blueprint) NewDecoder() *Decoder { return b.origin.decoder(b.generators) }
