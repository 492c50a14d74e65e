package templates

import "time"

// serverSamples are the page of the server and of the console's own stores.
func serverSamples() []sample {
	good := Badge{ToneGood, "reachable"}
	rows := []StoreRow{{Kept: "Sessions", Store: "Redis", State: good, Took: "0.4 ms"}, {Kept: "Journal", Store: "PostgreSQL", State: good, Took: "1.2 ms"}}
	page := ServerPage{State: good, Circuit: Badge{ToneGood, "closed: calls go out"}, Facts: []Fact{{Name: "Root", Value: "https://obp.example.com/obp/v5.0.0/root"}},
		Calls:  []CallRow{{Op: "GET /banks", Calls: 3, Failed: 1, Last: Badge{ToneBad, "500"}, At: at("2 minutes ago", 2*time.Minute), Took: "3.0 ms", P50: "2.0 ms", Worst: "9.0 ms"}},
		Stores: StoresPart{Rows: rows, Intact: &Notice{Tone: ToneGood, Text: "Intact to entry 42."}, Facts: []Fact{{Name: "Newest entry of the journal", Value: "42"}, {Name: "Its hash", Value: "5e1f", Code: true}}}}
	lost := page
	down := problemOf("down")
	lost.Problem, lost.State, lost.Calls = &down, Badge{ToneBad, down.Title}, nil
	lost.Stores = StoresPart{Rows: []StoreRow{{Kept: "Sessions", Store: "file", State: good, Took: "0.4 ms"}, {Kept: "Counts of rate limits", Store: "memory of this console", State: good}, {Kept: "Journal", Store: "file", State: Badge{ToneBad, "does not answer"}}},
		Facts: []Fact{{Name: "Free on the disk of the files", Value: "0.3 GB of 20.0 GB"}}}
	hostilePage := ServerPage{State: Badge{ToneBad, hostile}, Circuit: Badge{ToneBad, hostile}, Facts: []Fact{{Name: hostile, Value: hostile, Code: true}}, Limits: []Fact{{Name: hostile, Value: hostile}},
		Calls:  []CallRow{{Op: hostile, Last: Badge{ToneBad, hostile}, At: at("2 minutes ago", 2*time.Minute), Took: hostile, P50: hostile, Worst: hostile}},
		Stores: StoresPart{Rows: []StoreRow{{Kept: hostile, Store: hostile, State: Badge{ToneBad, hostile}, Took: hostile}}, Intact: &Notice{Tone: ToneBad, Text: hostile}}}
	return []sample{{"server", ServerView(page)}, {"server-lost", ServerView(lost)}, {"server-hostile", ServerView(hostilePage)}}
}
