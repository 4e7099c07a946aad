/// Every operation, by name. An operation that is not listed here does not exist.
public let allOperations: [any Operation.Type] = [
  Add.self,
  Constant.self,
  Conv.self,
  ConvTranspose.self,
  Input.self,
  Relu.self,
]

private let operationsByName = Dictionary(uniqueKeysWithValues: allOperations.map { ($0.name, $0) })

/// The operation called `name`, or nil.
public func operation(named name: String) -> (any Operation.Type)? { operationsByName[name] }
