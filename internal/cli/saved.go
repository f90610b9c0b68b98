package cli

import (
	"encoding/json"
	"io/fs"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/schema"
)

// savedSchema is a schema in a file, as inspect and init save it. With init it also has the keys of existing rows that
// others refer to.
type savedSchema struct {
	*schema.Database
	Keys map[string][]savedColumn `json:",omitempty"` // by table
}

// savedColumn are the cells of one column. Those of kinds that are numbers within are kept as these.
type savedColumn struct {
	Name   string
	Kind   column.Kind
	Scale  int32     `json:",omitempty"`
	Single bool      `json:",omitempty"`
	Ints   []int64   `json:",omitempty"`
	Floats []float64 `json:",omitempty"`
	Data   [][]byte  `json:",omitempty"`
	Nulls  []int     `json:",omitempty"`
	N      int
}

// mostSavedKeys bounds the existing rows of a table whose keys are saved.
const mostSavedKeys = 1000

// saveSchema writes a schema and the keys of existing rows.
func saveSchema(db *schema.Database, keys map[string]*column.Batch) ([]byte, error) {
	out := savedSchema{Database: db, Keys: map[string][]savedColumn{}}
	for table, b := range keys {
		for i, v := range b.Vecs {
			out.Keys[table] = append(out.Keys[table], saveColumn(b.Names[i], v, min(b.N, mostSavedKeys)))
		}
	}
	data, err := json.MarshalIndent(out, "", " ")
	return append(data, '\n'), err
}

func saveColumn(name string, v *column.Vec, n int) savedColumn {
	s := savedColumn{Name: name, Kind: v.Kind, Scale: v.Scale, Single: v.Single, N: n}
	for i := range n {
		if v.Null(i) {
			s.Nulls = append(s.Nulls, i)
		}
		switch {
		case v.Kind.Integer():
			s.Ints = append(s.Ints, v.Ints[i])
		case v.Kind == column.Float:
			s.Floats = append(s.Floats, v.Floats[i])
		default:
			s.Data = append(s.Data, v.Bytes(i))
		}
	}
	return s
}

// vec gives the cells as they were.
func (s *savedColumn) vec() *column.Vec {
	v := new(column.Vec)
	v.Reset(s.Kind)
	v.Scale, v.Single = s.Scale, s.Single
	null := 0
	for i := range s.N {
		switch {
		case null < len(s.Nulls) && s.Nulls[null] == i:
			null++
			v.AppendNull()
		case s.Kind.Integer() && i < len(s.Ints):
			v.AppendInt(s.Ints[i])
		case s.Kind == column.Float && i < len(s.Floats):
			v.AppendFloat(s.Floats[i])
		case s.Kind == column.UUID && i < len(s.Data) && len(s.Data[i]) == 16:
			v.AppendUUID([16]byte(s.Data[i]))
		case s.Kind.Variable() && i < len(s.Data):
			v.AppendBytes(s.Data[i])
		default: // the file is damaged
			v.AppendNull()
		}
	}
	return v
}

// parseSaved reads a saved schema; nil where the data are none.
func parseSaved(data []byte) *savedSchema {
	s := savedSchema{Database: new(schema.Database)}
	if json.Unmarshal(data, &s) != nil || s.Dialect == "" {
		return nil
	}
	for _, t := range s.Tables { // the key stands among the uniques, as inspectors have it
		for _, u := range t.Uniques {
			if u.Primary {
				t.PrimaryKey = u
			}
		}
	}
	return &s
}

// saved reads the schema that was saved with the blueprint; nil where none was.
func (s *settings) saved() (*savedSchema, error) {
	name := s.blueprint.Database
	if name == "" {
		return nil, nil
	}
	data, err := fs.ReadFile(s.blueprint.Files, name)
	if err != nil {
		return nil, usage("%s", fileProblem("read", name, err))
	}
	saved := parseSaved(data)
	if saved == nil {
		return nil, usage("%s is no schema that sower init saved: name the right file under database, "+
			"or leave the key out", name)
	}
	return saved, nil
}

// alone plans the blueprint without a database: against the schema that was saved with it, where one was.
func (s *settings) alone() (*plan.Plan, error) {
	saved, err := s.saved()
	if err != nil {
		return nil, err
	}
	if saved == nil {
		return s.build(nil, 0)
	}
	keys := map[string]*column.Batch{}
	for table, columns := range saved.Keys {
		b := &column.Batch{}
		for _, c := range columns {
			b.Names, b.Vecs, b.N = append(b.Names, c.Name), append(b.Vecs, c.vec()), c.N
		}
		keys[table] = b
	}
	return plan.Build(s.blueprint, saved.Database, plan.Options{
		Seed: s.seed, Standing: keys, Scan: rows.Scan, Prove: rows.Prove,
		SawTo: func(*schema.Unique) bool { return true }, // init did, when it wrote the blueprint
	})
}
