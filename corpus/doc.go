// Package corpus holds schemas of every shape that real databases have, one a file below testdata, and the
// tests that fill them.
//
// A file is a txtar archive:
//
//   - about: one line, what shape it is.
//   - postgres.sql: its DDL. It begins with "-- since: 18" where older servers do not know it.
//   - sqlite.sql: the same shape, as far as SQLite has it; optional.
//   - inspect: what "sower inspect" prints of it on the newest server: the schema as it is read, the order of the
//     load, and the generator of each column with its reason. "go test ./corpus -run TestInspect -update" writes it.
//   - facts: queries, one a line, that give 0 once 10 rows or more of each table stand in PostgreSQL; optional.
//   - expect: what may be missing, one rule a line; optional. Each rule names a table, and gives a number
//     or a reason behind the colon:
//     "rows T: 7" is the most that T can hold, whatever number is asked for;
//     "rows-10 T: 7" is what T holds where 10 are asked for;
//     "standing T: 3" are the rows that the DDL itself brings;
//     "beside T: 3" the same where others are made beside them, if more are asked for;
//     "free T: why" is a table with any number of rows;
//     "skip T: why" is a table that may stay empty;
//     "open: what", as the first line, says what the program does not do with this schema yet. It is
//     wrong as soon as nothing is amiss.
//
// The schemas are written for this project. What a table holds after a run is judged by the server alone:
// its counts, its constraints, its own expressions.
package corpus
