// Package blueprint reads the user's file: what data is asked for.
//
// It is the first step of the path blueprint -> schema -> plan -> rows -> sink. A blueprint is a YAML
// (or JSON) file that declares parameters, word pools and tables with row counts and one generator for
// each column. Reading has two steps: Open parses the file, its includes and its parameters' declarations;
// Resolve puts the parameters' values in place of ${...} and decodes the rest. The arguments of a
// generator stay a yaml.Node here; package gen, which knows the generators, has a Decoder put them into
// its structs. Schema describes the whole language, those structs included, to editors.
//
// Every mistake is reported, all at once, each as file:line:column with a suggestion where there is
// one (type Problems); what depends on a reported mistake is passed over in silence. A blueprint can read
// only files below its own folder and executes nothing: expressions are arithmetic over the parameters,
// and sizes, nesting, aliases and includes are bounded, so that reading a stranger's file is safe.
//
// A Document and a Blueprint are not changed once they are made and may be shared between goroutines. A
// Decoder belongs to one goroutine.
package blueprint
