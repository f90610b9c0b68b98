package gen

// Keeper is implemented by makers that still make the cells of earlier versions: of those from Oldest on that
// Context.Version asks for. A run that recorded one of these is completed by it.
type Keeper interface{ Oldest() int }

// Keeps tells whether a maker makes the cells of a version.
func Keeps(m Maker, version int) bool {
	oldest := m.OutputVersion()
	if k, ok := m.(Keeper); ok {
		oldest = k.Oldest()
	}
	return version >= oldest && version <= m.OutputVersion()
}
