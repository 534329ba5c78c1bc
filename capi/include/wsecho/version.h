/* wsecho/version.h: the version, written here and nowhere else. */
#ifndef WSECHO_VERSION_H
#define WSECHO_VERSION_H

/* Semantic version of the product; the build reads these three lines. */
#define WSECHO_VERSION_MAJOR 0
#define WSECHO_VERSION_MINOR 1
#define WSECHO_VERSION_PATCH 0

/*
 * Version of the binary interface, and of the SONAME (libwsecho.so.N). It
 * changes only when a program built against an older header could break.
 */
#define WSECHO_ABI_VERSION 0

#endif /* WSECHO_VERSION_H */
