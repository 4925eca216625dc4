// Swift's import of Glibc has neither <sys/xattr.h> nor what fcntl.h declares under _GNU_SOURCE.

@_silgen_name("getxattr")
func getxattr(
    _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeMutableRawPointer?, _ size: Int
) -> Int

@_silgen_name("listxattr")
func listxattr(_ path: UnsafePointer<CChar>, _ list: UnsafeMutableRawPointer?, _ size: Int) -> Int

@_silgen_name("setxattr")
func setxattr(
    _ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>, _ value: UnsafeRawPointer?, _ size: Int, _ flags: CInt
) -> CInt

@_silgen_name("removexattr")
func removexattr(_ path: UnsafePointer<CChar>, _ name: UnsafePointer<CChar>) -> CInt

#if arch(arm64)
    let directFlag: CInt = 0o200000
#else
    let directFlag: CInt = 0o40000
#endif
