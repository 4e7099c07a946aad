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
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "Host", dependencies: ["CZlib", "IR"], swiftSettings: settings),
    .testTarget(name: "HostTests", dependencies: ["Host", "IR"], swiftSettings: settings),
    .target(name: "IR", swiftSettings: settings),
    .testTarget(name: "IRTests", dependencies: ["IR"], swiftSettings: settings),
    .executableTarget(
      name: "nnc",
      dependencies: ["IR", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
