package schema

// Index finds tables by name, and who refers to a table, however many there are. It is of the tables and keys as they
// were when it was made.
type Index struct {
	byPlace    map[[2]string]*Table // schema and name
	byName     map[string]*Table    // as Database.Qualified gives it
	referring  map[*Table][]*Table
	partitions map[*Table][]*Table
}

// Index makes an index of the database's tables.
func (d *Database) Index() *Index {
	x := &Index{byPlace: map[[2]string]*Table{}, byName: map[string]*Table{}, referring: map[*Table][]*Table{}, partitions: map[*Table][]*Table{}}
	for _, t := range d.Tables {
		at := [2]string{t.Schema, t.Name}
		if x.byPlace[at] == nil {
			x.byPlace[at] = t
		}
		if name := d.Qualified(t); x.byName[name] == nil {
			x.byName[name] = t
		}
	}
	for _, t := range d.Tables {
		if p := t.Partition; p != nil {
			if parent := x.Find(p.ParentSchema, p.ParentTable); parent != nil {
				x.partitions[parent] = append(x.partitions[parent], t)
			}
		}
		for _, fk := range t.References() {
			to := x.Find(fk.RefSchema, fk.RefTable)
			if to == nil {
				continue
			}
			if all := x.referring[to]; len(all) == 0 || all[len(all)-1] != t {
				x.referring[to] = append(all, t)
			}
		}
	}
	return x
}

// Find gives the table of this schema and name, or nil, as Database.Find does.
func (x *Index) Find(schema, name string) *Table { return x.byPlace[[2]string{schema, name}] }

// Table gives the table of a qualified name, or nil, as Database.Table does.
func (x *Index) Table(d *Database, name string) *Table {
	if t := x.byName[name]; t != nil {
		return t
	}
	return d.Table(name)
}

// Referring gives the tables with a foreign key to a table, each once, in the database's order. The table itself is
// among them where it refers to itself.
func (x *Index) Referring(t *Table) []*Table { return x.referring[t] }

// Partitions gives the partitions of a table, those of its partitions left out, in the database's order.
func (x *Index) Partitions(t *Table) []*Table { return x.partitions[t] }
