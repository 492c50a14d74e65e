package handlers

import "obpconsole/session/journal"

func (s *Server) itemRecord(d *deciding, e journal.Entry) record { return s.plain(e) }
