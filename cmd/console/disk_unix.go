//go:build linux || darwin || freebsd

package main

import "syscall"

// diskSpace gives what is free for this process on the disk of a folder, and
// the disk's size, in bytes.
func diskSpace(dir string) (free, size uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), nil
}
