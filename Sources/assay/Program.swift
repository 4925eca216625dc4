import AssayConsole

@main
enum Program {
    static func main() async {
        await CommandRunner.main(Assay.self)
    }
}
