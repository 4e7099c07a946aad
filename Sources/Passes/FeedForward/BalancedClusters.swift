/// Divides points into clusters of the same size whose members are near each other: k-means (Lloyd 1982) with an
/// assignment that keeps to the size (MoEfication, section 3.2). The same in every run.
///
/// - Parameter points: [count, dimensions], for a count that is a multiple of `clusters`.
/// - Returns: The members of each cluster, in order.
func balancedClusters(_ points: [Float], dimensions: Int, clusters: Int) -> [[Int]] {
  let count = points.count / max(1, dimensions)
  var centres = firstCentres(points, count, dimensions, clusters)
  var best: (labels: [Int], inertia: Float)?
  for _ in 0..<20 {
    let distances = squaredDistances(points, centres, dimensions)
    let labels = balancedLabels(distances, count, clusters)
    let inertia = labels.enumerated().reduce(0) { $0 + distances[$1.offset * clusters + $1.element] }
    if let best, inertia >= best.inertia { break }
    best = (labels, inertia)
    centres = means(points, labels, dimensions, clusters)
  }
  let labels = best?.labels ?? []
  return (0..<clusters).map { cluster in labels.indices.filter { labels[$0] == cluster } }
}

/// Points that are far from each other: each is the farthest from those before it.
private func firstCentres(_ points: [Float], _ count: Int, _ dimensions: Int, _ clusters: Int) -> [Float] {
  var centres = Array(points[..<dimensions])
  var nearest = squaredDistances(points, centres, dimensions)
  while centres.count < clusters * dimensions {
    let farthest = nearest.indices.max { nearest[$0] < nearest[$1] }!
    let point = Array(points[farthest * dimensions..<(farthest + 1) * dimensions])
    centres += point
    nearest = zip(nearest, squaredDistances(points, point, dimensions)).map { min($0, $1) }
  }
  return centres
}

/// The squared distances of points from centres: [points, centres].
private func squaredDistances(_ points: [Float], _ centres: [Float], _ dimensions: Int) -> [Float] {
  let (count, clusters) = (points.count / dimensions, centres.count / dimensions)
  var result = [Float](repeating: 0, count: count * clusters)
  points.withUnsafeBufferPointer { points in
    centres.withUnsafeBufferPointer { centres in
      for point in 0..<count {
        let x = UnsafeBufferPointer(rebasing: points[point * dimensions..<(point + 1) * dimensions])
        for cluster in 0..<clusters {
          let c = UnsafeBufferPointer(rebasing: centres[cluster * dimensions..<(cluster + 1) * dimensions])
          var sums = SIMD8<Float>.zero
          var index = 0
          while index + 8 <= dimensions {
            let a = UnsafeRawPointer(x.baseAddress! + index).loadUnaligned(as: SIMD8<Float>.self)
            let b = UnsafeRawPointer(c.baseAddress! + index).loadUnaligned(as: SIMD8<Float>.self)
            sums += (a - b) * (a - b)
            index += 8
          }
          var sum = sums.sum()
          while index < dimensions {
            sum += (x[index] - c[index]) * (x[index] - c[index])
            index += 1
          }
          result[point * clusters + cluster] = sum
        }
      }
    }
  }
  return result
}

/// A cluster for each point, each as often: the shortest distances first, then exchanges of two points as long as they
/// help.
private func balancedLabels(_ distances: [Float], _ count: Int, _ clusters: Int) -> [Int] {
  var labels = [Int](repeating: -1, count: count)
  var room = [Int](repeating: count / clusters, count: clusters)
  for pair in distances.indices.sorted(by: { (distances[$0], $0) < (distances[$1], $1) }) {
    let (point, cluster) = (pair / clusters, pair % clusters)
    guard labels[point] < 0, room[cluster] > 0 else { continue }
    labels[point] = cluster
    room[cluster] -= 1
  }
  for _ in 0..<10 {
    var hasChanged = false
    for a in 0..<count {
      for b in a + 1..<max(count, a + 1) where labels[a] != labels[b] {
        let now = distances[a * clusters + labels[a]] + distances[b * clusters + labels[b]]
        let then = distances[a * clusters + labels[b]] + distances[b * clusters + labels[a]]
        guard then < now * 0.999999 else { continue }
        labels.swapAt(a, b)
        hasChanged = true
      }
    }
    if !hasChanged { break }
  }
  return labels
}

/// The means of the points of each cluster.
private func means(_ points: [Float], _ labels: [Int], _ dimensions: Int, _ clusters: Int) -> [Float] {
  var sums = [Float](repeating: 0, count: clusters * dimensions)
  for (point, cluster) in labels.enumerated() {
    for index in 0..<dimensions { sums[cluster * dimensions + index] += points[point * dimensions + index] }
  }
  let size = Float(labels.count / clusters)
  return sums.map { $0 / size }
}
