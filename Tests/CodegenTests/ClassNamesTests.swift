import CodegenC
import IR
import Testing

/// The names of classes, which are in the header only.
@Suite struct ClassNamesTests {
  @Test func headerHasTheNamesOfClasses() throws {
    let text = """
      graph iris {
        %x = Input : f32[2x3]
        %index = ArgMax(%x) {axis: 1}
        %named = ClassLabels(%index) {names: [setosa, "*/ \\"x\\""]}
        %shape = Constant [-1] : i64[1]
        %flat = Reshape(%named, %shape)
        return label: %flat, other: %index
      }
      """
    let model = try CModel(Graph(parsing: text, file: "iris"))
    #expect(
      model.header.contains(
        """
        /* The names of the classes in output label: static const char *const names[] = IRIS_LABEL_CLASSES; */
        #define IRIS_LABEL_CLASSES { \\
          "setosa", "\\052/ \\042x\\042", \\
        }

        """))
    #expect(!model.header.contains("IRIS_OTHER_CLASSES"))
    #expect(!model.source.contains("setosa\""))
  }
}
