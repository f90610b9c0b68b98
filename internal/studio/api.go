package studio

// The types of the page's API. studio/src/api.ts is made of them (TestTypeScript).

// Model is what the page shows: a blueprint, its tables as they would be filled, and what is wrong with it.
type Model struct {
	Version    int64       `json:"version"` // of the text: it rises with each change
	Planned    int64       `json:"planned"` // the version that tables and rows are of: less than Version while it has problems
	State      int64       `json:"state"`   // rises with what there is to see
	Shown      int64       `json:"shown"`   // rises when rows may be others
	Outside    int64       `json:"outside"` // rises when the text came from the file
	Pending    bool        `json:"pending"` // the text is not planned whole yet
	Title      string      `json:"title"`
	Database   string      `json:"database"` // name and kind; "" for none
	File       string      `json:"file"`     // path of the blueprint's file; "" where it has none yet
	Text       string      `json:"text"`     // "" for a page that knows it
	Unsaved    bool        `json:"unsaved"`
	CanFill    bool        `json:"canFill"`
	WhyNot     string      `json:"whyNot"` // why it cannot fill
	Seed       string      `json:"seed"`
	Names      []string    `json:"names"`  // of the tables, in the order of loading
	Tables     []Table     `json:"tables"` // those that a page does not know as they are, in that order
	Parameters []Parameter `json:"parameters"`
	Problems   []Problem   `json:"problems"`
	Notices    []string    `json:"notices"`
	PlannedIn  float64     `json:"plannedIn"` // milliseconds
}

// Parameter is a number or a text that the blueprint lets people set.
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Help  string `json:"help"`
	Given bool   `json:"given"` // when the program was started: the text does not say it
}

// Table is a table of the plan.
type Table struct {
	Name     string   `json:"name"`
	Rows     int64    `json:"rows"`
	Standing bool     `json:"standing"` // its rows exist: they are referred to, and none are made
	Holds    bool     `json:"holds"`    // rows of it stand in the database
	Cyclic   bool     `json:"cyclic"`   // it is loaded together with others that refer to it
	Step     int      `json:"step"`     // of loading, from 1
	Parents  []string `json:"parents"`
	Children []string `json:"children"`
	Columns  []Column `json:"columns"`
	Comment  string   `json:"comment"`
}

// Column is a column of a table.
type Column struct {
	Name       string   `json:"name"`
	Type       string   `json:"type"`
	Numeric    bool     `json:"numeric"`
	Key        bool     `json:"key"`
	Unique     bool     `json:"unique"`
	Nullable   bool     `json:"nullable"`
	Parent     string   `json:"parent"` // the table that it refers to; "" for none
	Generators []string `json:"generators"`
	Parts      []string `json:"parts"`      // names of the parts that Generators are of; empty where all parts are alike
	Why        string   `json:"why"`        // why it has this generator; "" where the blueprint says so
	Confidence float64  `json:"confidence"` // 0 to 1; 0 where none is known
	Inputs     []string `json:"inputs"`     // the columns that its cells are made from
}

// Problem is a mistake of the blueprint.
type Problem struct {
	Line    int    `json:"line"`   // from 1; 0 where no line is known
	Column  int    `json:"column"` // from 1; 0 where it is not known
	Message string `json:"message"`
	Hint    string `json:"hint"`
	Table   string `json:"table"`
}

// Rows are rows of a table as they would be written.
type Rows struct {
	Shown   int64       `json:"shown"`
	Table   string      `json:"table"`
	First   int64       `json:"first"`
	Columns []string    `json:"columns"`
	Cells   [][]*string `json:"cells"`   // row by row; null for a null
	Parents [][]int64   `json:"parents"` // by column: rows of the parent, -1 for none; empty where it refers to none
}

// Profile tells how the cells of a column are distributed, from a sample of the rows that would be written, and what else
// might make them.
type Profile struct {
	Shown    int64  `json:"shown"`
	Table    string `json:"table"`
	Column   string `json:"column"`
	Sampled  int    `json:"sampled"`
	Of       int64  `json:"of"`
	Nulls    int    `json:"nulls"`
	Distinct int    `json:"distinct"`
	Least    string `json:"least"`
	Greatest string `json:"greatest"`
	Plots    []Plot `json:"plots"`
	// Readings are the generators that inference had in mind, its choice among them, the most believable first; none where
	// there was but one, or nothing was inferred.
	Readings []Reading `json:"readings"`
}

// Reading is a generator that inference had in mind for a column.
type Reading struct {
	Generator  string  `json:"generator"` // as a blueprint writes it, on one line
	Why        string  `json:"why"`
	Confidence float64 `json:"confidence"` // 0 to 1
	Failed     bool    `json:"failed"`     // rows that it makes do not satisfy the schema
}

// Standing is what the database holds of a table, beside what is asked for.
type Standing struct {
	Shown   int64            `json:"shown"`
	Table   string           `json:"table"`
	Asked   int64            `json:"asked"` // rows of the plan; -1 where none are made
	Found   int64            `json:"found"`
	Looked  string           `json:"looked"`  // which rows the figures are of
	Problem string           `json:"problem"` // why rows could not be read; "" where they could
	Columns []StandingColumn `json:"columns"`
}

// StandingColumn is a column of Standing.
type StandingColumn struct {
	Name    string  `json:"name"`
	Type    string  `json:"type"`
	Asked   *Side   `json:"asked"`   // null where nothing is asked
	Found   *Side   `json:"found"`   // null where it was not read
	Nulls   float64 `json:"nulls"`   // share of all rows that stand
	Agrees  float64 `json:"agrees"`  // share of the cells that lie in the same bars; -1 where that says nothing
	Apart   string  `json:"apart"`   // where asked and found part ways; "" where they do not
	Telling int     `json:"telling"` // the plot that tells most; -1 for none
	Plots   []Plot  `json:"plots"`
}

// Side is what is known of the cells of one side.
type Side struct {
	Cells    int    `json:"cells"`
	Nulls    int    `json:"nulls"`
	Distinct int    `json:"distinct"`
	Least    string `json:"least"`
	Greatest string `json:"greatest"`
}

// Cell is one cell of a row that would be written, and how it comes about.
type Cell struct {
	Shown     int64   `json:"shown"`
	Table     string  `json:"table"`
	Row       int64   `json:"row"`
	Column    string  `json:"column"`
	Value     *string `json:"value"`
	Part      string  `json:"part"` // of the table's rows that this one belongs to; "" where there is one
	Generator string  `json:"generator"`
	Held      string  `json:"held"` // the checks for which it is drawn again until they hold; "" for none
	Inputs    []Input `json:"inputs"`
}

// Input is a cell that another one was made from.
type Input struct {
	Table  string  `json:"table"`
	Row    int64   `json:"row"`    // -1 where there is none
	Column string  `json:"column"` // "" for the row itself
	Value  *string `json:"value"`
}

// Children are rows that refer to a row.
type Children struct {
	Table    string  `json:"table"`  // of the children
	Column   string  `json:"column"` // by which they refer
	Rows     []int64 `json:"rows"`
	Searched int64   `json:"searched"` // rows of the table that were looked at, from the first on
	Of       int64   `json:"of"`
}

// Plot is one picture of a Profile.
type Plot struct {
	Title string `json:"title"`
	Kind  string `json:"kind"` // "bars": named values, the most frequent first; "histogram": ranges in their order
	Bars  []Bar  `json:"bars"`
}

// Bar is one value, or range of values, of a Plot.
type Bar struct {
	Label string `json:"label"`
	Count int64  `json:"count"`
	Found int64  `json:"found"` // in the database, where that was asked
}

// Edit is a new text of the blueprint.
type Edit struct {
	Text  string `json:"text"`
	State int64  `json:"state"` // that the page has seen; 0 for none
}

// Saved says where the blueprint was saved.
type Saved struct {
	File string `json:"file"`
}

// SaveAs is the name of the file to save to, below the folder that the program runs in; "" for the file that it has.
type SaveAs struct {
	File string `json:"file"`
}

// Step is one event of a run that fills the database.
type Step struct {
	State   string     `json:"state"` // "running", "complete", "failed", "stopped"
	Phase   string     `json:"phase"`
	Table   string     `json:"table"`
	Rows    int64      `json:"rows"`
	Total   int64      `json:"total"`
	Seconds float64    `json:"seconds"`
	Text    string     `json:"text"`
	Done    *RunResult `json:"done"`
}

// Steps are the next steps of a run.
type Steps struct {
	Steps []Step `json:"steps"`
	Ended bool   `json:"ended"` // there will be no more
}

// RunResult is how a run ended.
type RunResult struct {
	State   string     `json:"state"`
	Error   string     `json:"error"`
	Rows    int64      `json:"rows"`
	Seconds float64    `json:"seconds"`
	Tables  []RunTable `json:"tables"`
	Notices []string   `json:"notices"`
}

// RunTable is a table of a run.
type RunTable struct {
	Name    string  `json:"name"`
	Made    int64   `json:"made"`
	Total   int64   `json:"total"`
	Seconds float64 `json:"seconds"`
}

// Page is a page that stands for itself.
type Page struct {
	Name string `json:"name"` // of a file for it
	Path string `json:"path"` // at which the server shows it
	HTML string `json:"html"`
}

// Failure is the answer to a request that failed.
type Failure struct {
	Error string `json:"error"`
}
