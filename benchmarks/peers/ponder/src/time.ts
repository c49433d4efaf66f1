export const time = (seconds: bigint) => new Date(Number(seconds) * 1000)
