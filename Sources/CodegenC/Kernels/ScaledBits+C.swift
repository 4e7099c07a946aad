import IR

extension ScaledBits: Emittable {
  public func emit(_ site: Site, into c: inout CWriter) throws {
    let bits = site.type(0).shape
    c.call(
      "nnc_scaled_bits", [site.operand(0).name, site.operand(1).name, site.result.name] + bits.map { "\($0)" })
  }
}
