// Package routine reads what triggers run: the bodies of PL/pgSQL functions
// (https://www.postgresql.org/docs/current/plpgsql-statements.html) and SQLite's triggers
// (https://www.sqlite.org/lang_createtrigger.html), as trees of statements. As PL/pgSQL itself does, it finds where an
// expression or a query ends and leaves the rest to the language of SQL, package sqlexpr. What it does not understand is
// passed over, statement by statement.
package routine

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sowerdata/sower/internal/bound"
	"github.com/sowerdata/sower/sqlexpr"
)

// Routine is the body of a trigger.
type Routine struct {
	When       sqlexpr.Expr // in SQLite: for which rows it fires; nil for all. PostgreSQL keeps this apart from the body
	Body       []Statement
	NewColumns []string // the columns of the row that fires the trigger which are named anywhere in it
	SQLite     bool
	Words      map[string]bool // what it names, in small letters, in texts too: statements are made of those

	Text string // of which it was read

	Call Call // what runs it; PostgreSQL
}

// Call is what a trigger of PostgreSQL says of the function that it runs.
type Call struct {
	Args []string `json:",omitempty"` // TG_ARGV
	When string   `json:",omitempty"` // the condition of the rows that it fires for, as the server writes it; "" for all
}

// By tells the trigger that runs the function: its condition becomes When, where it can be read.
func (r *Routine) By(c Call) {
	r.Call = c
	if c.When == "" {
		return
	}
	if e, err := sqlexpr.ParseQueries(c.When, false); err == nil {
		r.When = e
	}
}

// Arg gives TG_ARGV[n]; false where there is none.
func (r *Routine) Arg(n int) (string, bool) {
	if n < 0 || n >= len(r.Call.Args) {
		return "", false
	}
	return r.Call.Args[n], true
}

// saved is a Routine in JSON: its text, which is read again.
type saved struct {
	Text   string
	SQLite bool `json:",omitempty"`
	Call
}

// MarshalJSON writes the text.
func (r *Routine) MarshalJSON() ([]byte, error) { return json.Marshal(saved{r.Text, r.SQLite, r.Call}) }

// UnmarshalJSON reads the text again. The error is that of the JSON, or of Parse.
func (r *Routine) UnmarshalJSON(data []byte) error {
	var s saved
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	read, err := Parse(s.Text, s.SQLite)
	if err == nil {
		*r = *read
		r.By(s.Call)
	}
	return err
}

// Statement is one statement.
type Statement interface{ statement() }

// The statements. Conditions and values that are not understood are sqlexpr.Unknown.
type (
	// Block is DECLARE ... BEGIN ... END; what it declares are Assigns before the others.
	Block struct {
		Body     []Statement
		Handlers [][]Statement // what follows EXCEPTION WHEN
	}
	// If is IF, and CASE as a statement.
	If struct {
		Branches []Branch
		Else     []Statement
	}
	// Loop is LOOP, WHILE, FOR and FOREACH.
	Loop struct {
		Into  []string       // the variables that it sets each time
		Query *sqlexpr.Query // FOR ... IN query; nil for all others
		Body  []Statement
	}
	// Assign sets a variable, or a field: NEW.total. A variable that is declared without a value has none.
	Assign struct {
		To    []string
		Value sqlexpr.Expr
	}
	// Select is a query: SELECT INTO, PERFORM, and in SQLite one that may raise.
	Select struct {
		Query *sqlexpr.Query
		Into  []string // "v", or "r.field"
	}
	// Raise is RAISE.
	Raise struct{ Notice bool } // a message alone, of a level below an error
	// Return ends the function.
	Return struct{ Value sqlexpr.Expr } // nil where none is given
	// Insert is INSERT.
	Insert struct {
		Schema, Table string
		Columns       []string // empty where they are not named
		Values        [][]sqlexpr.Expr
		Query         *sqlexpr.Query // in place of values
		OnConflict    bool           // a row that is there already is no error
		Into          []string       // of RETURNING
	}
	// Change is UPDATE or DELETE.
	Change struct {
		Schema, Table string
		As            string
		Delete        bool
		Where         sqlexpr.Expr // nil for all rows
		Joined        bool         // other tables take part
		Into          []string
	}
	// Other is a statement of another kind, or one that is not understood.
	Other struct{}
)

// Branch is a condition, and what is run where it holds and none before it.
type Branch struct {
	If   sqlexpr.Expr
	Then []Statement
}

func (*Block) statement()  {}
func (*If) statement()     {}
func (*Loop) statement()   {}
func (*Assign) statement() {}
func (*Select) statement() {}
func (*Raise) statement()  {}
func (*Return) statement() {}
func (*Insert) statement() {}
func (*Change) statement() {}
func (*Other) statement()  {}

// Parse reads the body of a PL/pgSQL function, or of SQLite the text of CREATE TRIGGER. The error is of a text that has no
// tokens of SQL, or is beyond a bound.
func Parse(text string, sqlite bool) (*Routine, error) {
	if err := bound.Long(text, bound.SQL); err != nil {
		return nil, err
	}
	toks, err := sqlexpr.Lex(text, sqlite)
	if err != nil {
		return nil, err
	}
	p := &parser{src: text, toks: toks, sqlite: sqlite}
	r := &Routine{SQLite: sqlite, Words: map[string]bool{}, Text: text}
	r.note(toks)
	if sqlite {
		p.seek("begin", "when")
		if p.take("when") {
			r.When = p.expr("begin")
		}
	}
	for p.err == nil && p.tok().Kind != sqlexpr.TokEnd {
		at := p.at
		r.Body = append(r.Body, p.statements("")...)
		if p.at == at {
			p.at++ // an END of nothing
		}
	}
	return r, p.err
}

// Names tells whether a text names something: as a word or within a text, for statements are made of those.
func (r *Routine) Names(name string) bool { return r.Words[strings.ToLower(name)] }

// Mentions tells whether a text in any language names something: as a word, in letters of either case.
func Mentions(text, name string) bool {
	text, name = strings.ToLower(text), strings.ToLower(name)
	for at := 0; name != ""; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		from, end := at+i, at+i+len(name)
		if (from == 0 || !inWord(text[from-1])) && (end == len(text) || !inWord(text[end])) {
			return true
		}
		at = from + 1
	}
	return false
}

func inWord(c byte) bool { return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// note keeps the names that stand among tokens.
func (r *Routine) note(toks []sqlexpr.Token) {
	for i, t := range toks {
		switch t.Kind {
		case sqlexpr.TokName, sqlexpr.TokQuoted:
			r.Words[strings.ToLower(t.Text)] = true
			if i > 1 && toks[i-1].Is(".") && toks[i-2].Is("new") && !slices.Contains(r.NewColumns, t.Text) {
				r.NewColumns = append(r.NewColumns, t.Text)
			}
		case sqlexpr.TokString:
			for w := range strings.FieldsFuncSeq(t.Text, func(c rune) bool {
				return c < 0x80 && c != '_' && c != '$' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z')
			}) {
				r.Words[strings.ToLower(w)] = true
			}
		}
	}
}

// Walk visits statements, those within others too.
func Walk(list []Statement, visit func(Statement)) {
	for _, s := range list {
		visit(s)
		switch s := s.(type) {
		case *Block:
			Walk(s.Body, visit)
			for _, h := range s.Handlers {
				Walk(h, visit)
			}
		case *If:
			for _, b := range s.Branches {
				Walk(b.Then, visit)
			}
			Walk(s.Else, visit)
		case *Loop:
			Walk(s.Body, visit)
		}
	}
}

// Targets gives the variables that statements set, those within others too.
func Targets(list []Statement) (out []string) {
	Walk(list, func(s Statement) {
		switch s := s.(type) {
		case *Loop:
			out = append(out, s.Into...)
		case *Assign:
			out = append(out, strings.Join(s.To, "."))
		case *Select:
			out = append(out, s.Into...)
		case *Insert:
			out = append(out, s.Into...)
		case *Change:
			out = append(out, s.Into...)
		}
	})
	return out
}
