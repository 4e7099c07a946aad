// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "nnc",
  products: [.executable(name: "nnc", targets: ["nnc"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    .target(name: "IR", swiftSettings: settings),
    .target(name: "Targets", swiftSettings: settings),
    .target(
      name: "Importers", dependencies: ["IR", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["ONNX/onnx.proto"], swiftSettings: settings),
    .target(name: "Passes", dependencies: ["IR", "Targets"], swiftSettings: settings),
    .target(name: "CRuntime", path: "runtime", exclude: ["kernels", "nnc_runtime.h"]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CodegenC", dependencies: ["IR", "CRuntime", "CZlib", "Targets"], swiftSettings: settings),
    .target(name: "CHost", exclude: ["benchmark"]),
    .target(name: "Host", dependencies: ["CHost", "CodegenC", "CZlib", "IR", "Targets"], swiftSettings: settings),
    .executableTarget(
      name: "nnc",
      dependencies: [
        "CodegenC", "Host", "IR", "Importers", "Passes", "Targets",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "CLITests",
      dependencies: [
        "Host", "IR", "Importers", "Passes", "Targets", "nnc",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: settings),
    .target(
      name: "TestSupport", dependencies: ["CodegenC", "Host"], path: "Tests/TestSupport", swiftSettings: settings),
    .testTarget(
      name: "CodegenTests", dependencies: ["CodegenC", "Host", "IR", "Passes", "Targets", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ConformanceTests",
      dependencies: [
        "CodegenC", "Host", "IR", "Importers", "Passes", "TestSupport",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CodegenC", "Host", "IR", "Importers", "Passes",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      path: "Tests/Fuzz", swiftSettings: settings),
    .testTarget(name: "FuzzTests", dependencies: ["Fuzz", "Host"], swiftSettings: settings),
    .testTarget(
      name: "GoldenTests", dependencies: ["CodegenC", "Host", "IR", "Passes", "Targets", "TestSupport"],
      exclude: ["Operators", "Passes", "Weights"],
      swiftSettings: settings),
    .testTarget(
      name: "HostTests", dependencies: ["CZlib", "CodegenC", "Host", "IR", "Targets"], swiftSettings: settings),
    .testTarget(
      name: "IntegrationTests", dependencies: ["Host", "TestSupport", "nnc"], exclude: ["Stubs"],
      swiftSettings: settings),
    .testTarget(
      name: "ModelTests", dependencies: ["CodegenC", "Host", "IR", "Importers", "Passes", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ImporterTests",
      dependencies: ["IR", "Importers", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      swiftSettings: settings),
    .testTarget(name: "IRTests", dependencies: ["IR"], exclude: ["Reference"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
