import CodegenC
import Host
import IR
import Targets
import Testing

/// What the tools of compilers print, and what is read off it.
@Suite struct FootprintTests {
  /// `f` calls `g`, which calls a helper and a function of libm; nothing needs `unused`.
  static let gnu = """

    model.o:     file format elf32-littlearm

    Sections:
    Idx Name          Size      VMA       LMA       File off  Algn
      0 .text         00000000  00000000  00000000  00000034  2**1
                      CONTENTS, ALLOC, LOAD, READONLY, CODE
      1 .text.g       0000005a  00000000  00000000  00000034  2**2
                      CONTENTS, ALLOC, LOAD, RELOC, READONLY, CODE
      2 .text.m_run   0000003c  00000000  00000000  00000090  2**2
                      CONTENTS, ALLOC, LOAD, RELOC, READONLY, CODE
      3 .rodata.w     00000020  00000000  00000000  0000010c  2**2
                      CONTENTS, ALLOC, LOAD, READONLY, DATA
      4 .rodata.unused 00000400  00000000  00000000  0000010c  2**2
                      CONTENTS, ALLOC, LOAD, READONLY, DATA
      5 .data.n       0000000c  00000000  00000000  0000012c  2**2
                      CONTENTS, ALLOC, LOAD, DATA
    SYMBOL TABLE:
    00000000 l    df *ABS*\t00000000 model.c
    00000000 l    d  .text.g\t00000000 .text.g
    00000000 l     F .text.g\t0000005a g.constprop.0
    00000000 l     O .data.n\t0000000c n
    00000000 l     O .rodata.w\t00000020 w
    00000000         *UND*\t00000000 __aeabi_fmul
    00000000         *UND*\t00000000 expf
    00000000 g     F .text.m_run\t0000003c .hidden m_run


    RELOCATION RECORDS FOR [.text.g]:
    OFFSET   TYPE              VALUE
    00000038 R_ARM_THM_CALL    __aeabi_fmul
    00000040 R_ARM_THM_CALL    expf
    00000044 R_ARM_ABS32       .rodata.w


    RELOCATION RECORDS FOR [.text.m_run]:
    OFFSET   TYPE              VALUE
    00000006 R_ARM_THM_CALL    g.constprop.0
    00000034 R_ARM_ABS32       .data.n


    """

  /// The same with a table of functions in place of the call.
  static let llvm = """

    model.o:\tfile format elf32-avr

    Sections:
    Idx Name            Size     VMA      Type
      0                 00000000 00000000
      1 .strtab         0000010a 00000000
      2 .text.m_run     00000072 00000000 TEXT
      3 .rela.text.m_run 00000090 00000000
      4 .text.g         00000044 00000000 TEXT
      5 .rodata.cst32   00000020 00000000 DATA
      6 .rodata.table   00000004 00000000 DATA

    SYMBOL TABLE:
    00000000 l    df *ABS*\t00000000 model.c
    0000003e l       *ABS*\t00000000 __SP_H__
    00000000 l     F .text.g\t00000044 g
    00000000 l     O .rodata.cst32\t00000020 w
    00000000 l     O .rodata.table\t00000004 table
    00000016 l       .text.g\t00000000 .L0
    0000001c l       .text.m_run\t00000000 .L0
    00000000 g     F .text.m_run\t00000072 m_run
    00000000         *UND*\t00000000 __addsf3

    RELOCATION RECORDS FOR [.text.m_run]:
    OFFSET   TYPE                     VALUE
    00000008 R_AVR_7_PCREL            .L0
    00000010 R_AVR_LO8_LDI_NEG        .rodata.table
    00000012 R_AVR_HI8_LDI_NEG        w+0x2
    00000024 R_AVR_CALL               __addsf3

    RELOCATION RECORDS FOR [.rodata.table]:
    OFFSET   TYPE                     VALUE
    00000000 R_AVR_16_PM              .text.g
    00000002 R_AVR_16_PM              .text.g+0x16

    """

  static func footprint(_ listing: String, _ stack: String, _ target: String) throws -> Footprint {
    let target = try #require(Target.all.first { $0.name == target })
    return try Footprint(
      model: "m", objdump: listing, stackUsage: stack, version: "", command: "", compiler: target.compilers[0],
      target: target)
  }

  @Test func readsTheTablesOfGNU() throws {
    let stack = "model.c:3:40:g.constprop\t104\tstatic\nmodel.c:5:7:m_run\t16\tstatic\n"
    let footprint = try Self.footprint(Self.gnu, stack, "cortex-m0")
    #expect(footprint.codeBytes == 0x5a + 0x3c)
    #expect(footprint.constantBytes == 0x20, "nothing needs the other array")
    #expect(footprint.initializerBytes == 12 && footprint.dataBytes == 12)
    #expect(footprint.functions.map(\.name) == ["g.constprop.0", "m_run"])
    #expect(footprint.functions.map(\.stackBytes) == [232, 248])
    #expect(footprint.stackBytes == 16 + 104 + 128)
    #expect(footprint.deepestCalls == ["m_run", "g.constprop.0", "__aeabi_fmul"])
    #expect(footprint.helpers == ["__aeabi_fmul"] && footprint.libraryFunctions == ["expf"])
  }

  @Test func readsTheTablesOfLLVM() throws {
    let footprint = try Self.footprint(Self.llvm, "m.c:5:m_run\t4\tstatic\nm.c:3:g\t10\tdynamic,bounded\n", "avr")
    #expect(footprint.codeBytes == 0x72 + 0x44 && footprint.constantBytes == 0x24)
    #expect(footprint.dataBytes == 0x24, "constants that the processor reads as variables lie in RAM")
    #expect(footprint.calledThroughPointers == ["g"])
    #expect(footprint.stackBytes == 4 + 48 + 10)
  }

  @Test func refusesStackWithoutBound() throws {
    let dynamic = "m.c:3:g.constprop\t104\tdynamic\nm.c:5:m_run\t16\tstatic\n"
    #expect(throws: Diagnostic("the stack that g.constprop takes has no bound: its size is known only when it runs")) {
      try Self.footprint(Self.gnu, dynamic, "cortex-m0")
    }
    let recursive = Self.gnu.replacing("THM_CALL    expf", with: "THM_CALL    m_run")
    let stack = dynamic.replacing("dynamic", with: "static")
    #expect(throws: Diagnostic("the stack has no bound: g.constprop.0 calls itself")) {
      try Self.footprint(recursive, stack, "cortex-m0")
    }
    #expect(throws: Diagnostic("the compiler does not state how much of the stack m_run takes")) {
      try Self.footprint(Self.gnu, "m.c:3:g.constprop\t104\tstatic\n", "cortex-m0")
    }
  }

  @Test func knowsNothingWithoutCompilers() throws {
    let model = try CModel(Self.graph())
    var target = Target.generic
    target.compilers = [Target.CrossCompiler(program: "none-gcc", objdump: "none-objdump", options: [])]
    guard case .unknown(let reason) = try Footprint.measure(model, for: target, options: []) else {
      Issue.record("there is no none-gcc")
      return
    }
    #expect(reason == "install none-gcc")
  }

  /// Each compiler on this machine, on a model that needs helpers and a function of libm.
  @Test(arguments: Target.all.filter { !$0.compilers.isEmpty })
  func measuresWithTheCompilersOf(target: Target) throws {
    let model = try CModel(Self.graph(), options: .init(name: "m", target: target))
    for compiler in target.compilers {
      guard CCompiler(compiler.program) != nil, CCompiler(compiler.objdump) != nil else {
        print("skipped: there is no \(compiler.program) with \(compiler.objdump)")
        continue
      }
      var only = target
      only.compilers = [compiler]
      for options in [["-O2"], ["-Os", "-DNNC_INLINE=static"]] {
        let result = try Footprint.measure(model, for: only, options: options)
        guard case .measured(let footprint) = result else {
          Issue.record("\(compiler.program) was not used for \(target.name)")
          return
        }
        #expect(footprint.codeBytes > 100 && footprint.codeBytes < 4000)
        #expect(footprint.constantBytes >= 8192, "\(footprint.command)")
        #expect(footprint.constantBytes < 8400, "\(footprint.command)")
        #expect(footprint.deepestCalls.first == "m_run" && footprint.deepestCalls.count > 1)
        #expect(footprint.stackBytes > 8 && footprint.stackBytes < 1000)
        #expect(footprint.libraryFunctions == ["sinf"], "\(compiler.program) for \(target.name)")
        #expect(footprint.helpers.isEmpty == (target.floats == .inHardware))
      }
    }
  }

  private static func graph() throws -> Graph {
    var graph = Graph(name: "m")
    let input = try graph.add(Input("x", TensorType(.f32, [1, 64])), name: "x")
    let weights = try graph.add(Constant(Tensor(random: TensorType(.f32, [64, 32]), seed: 1)), name: "w")
    let product = try graph.add(MatMul(), [input, weights], name: "product")
    graph.outputs.append(("y", try graph.add(Sin(), [product], name: "y")))
    return graph
  }
}
