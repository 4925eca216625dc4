#pragma once
// bzlib.h names FILE, which it does not include on this platform.
#include <stdio.h>
#include <bzlib.h>
