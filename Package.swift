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
    .target(name: "IR", swiftSettings: settings),
    .executableTarget(
      name: "nnc",
      dependencies: ["IR", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: settings),
    .testTarget(name: "IRTests", dependencies: ["IR"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)
