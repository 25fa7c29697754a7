"""What the entry asks of arguments, as LLVM IR: exact types, dtypes, shapes, keys.

No check executes code of users. `entry_code` says what the names and numbers mean.
"""

__all__ = ["CHECKS"]

CHECKS = """\
; C-contiguous (1), aligned (256), of this dtype, ndim and shape.
define internal i1 @is_array(ptr %table, ptr %object, ptr %step) alwaysinline {
start:
  %ndarray = call ptr @pointer(ptr %table, i64 $h_ndarray)
  %typed = call i1 @has_type(ptr %object, ptr %ndarray)
  br i1 %typed, label %fields, label %no
fields:
  %wanted.dtype = call ptr @pointer(ptr %step, i64 32)
  %dtype = call ptr @pointer(ptr %object, i64 $array_dtype)
  %same.dtype = icmp eq ptr %dtype, %wanted.dtype
  %wanted.ndim = call i64 @word(ptr %step, i64 40)
  %ndim.short = call i32 @half(ptr %object, i64 $array_ndim)
  %ndim = zext i32 %ndim.short to i64
  %same.ndim = icmp eq i64 %ndim, %wanted.ndim
  %flags = call i32 @half(ptr %object, i64 $array_flags)
  %plain = and i32 %flags, 257
  %is.plain = icmp eq i32 %plain, 257
  %two = and i1 %same.dtype, %same.ndim
  %three = and i1 %two, %is.plain
  br i1 %three, label %dims, label %no
dims:
  %shape = call ptr @pointer(ptr %object, i64 $array_shape)
  %wanted = getelementptr i8, ptr %step, i64 48
  br label %next
next:
  %axis = phi i64 [ 0, %dims ], [ %axis.next, %dim ]
  %more = icmp ult i64 %axis, %ndim
  br i1 %more, label %dim, label %yes
dim:
  %at = shl i64 %axis, 3
  %size = call i64 @word(ptr %shape, i64 %at)
  %wanted.size = call i64 @word(ptr %wanted, i64 %at)
  %same.size = icmp eq i64 %size, %wanted.size
  %axis.next = add i64 %axis, 1
  br i1 %same.size, label %next, label %no
yes:
  ret i1 true
no:
  ret i1 false
}

; Of the same type and equal, if their comparison runs no code of users.
define internal i1 @is_equal(ptr %table, ptr %x, ptr %y) {
start:
  %identical = icmp eq ptr %x, %y
  br i1 %identical, label %yes, label %types
types:
  %type = call ptr @pointer(ptr %x, i64 $object_type)
  %typed = call i1 @has_type(ptr %y, ptr %type)
  %int = call ptr @pointer(ptr %table, i64 $h_int)
  %is.int = icmp eq ptr %type, %int
  %str = call ptr @pointer(ptr %table, i64 $h_str)
  %is.str = icmp eq ptr %type, %str
  %bytes = call ptr @pointer(ptr %table, i64 $h_bytes)
  %is.bytes = icmp eq ptr %type, %bytes
  %either = or i1 %is.int, %is.str
  %any = or i1 %either, %is.bytes
  %comparable = and i1 %typed, %any
  br i1 %comparable, label %compare, label %no
compare:
  %f = call ptr @pointer(ptr %table, i64 $h_PyObject_RichCompareBool)
  %equal = call i32 %f(ptr %x, ptr %y, i32 2)
  %is.equal = icmp eq i32 %equal, 1
  br i1 %is.equal, label %yes, label %no
yes:
  ret i1 true
no:
  ret i1 false
}

; Put the items of a dict into their places: keys in the order of the description.
define internal i1 @open_dict(ptr %table, ptr %dict, ptr %step, ptr %items) {
start:
  %position = alloca i64
  %key.out = alloca ptr
  %value.out = alloca ptr
  %type = call ptr @pointer(ptr %table, i64 $h_dict)
  %typed = call i1 @has_type(ptr %dict, ptr %type)
  br i1 %typed, label %walk, label %no
walk:
  %wanted = call i64 @word(ptr %step, i64 24)
  store i64 0, ptr %position
  %next.f = call ptr @pointer(ptr %table, i64 $h_PyDict_Next)
  %keys = getelementptr i8, ptr %step, i64 40
  br label %next
next:
  %i = phi i64 [ 0, %walk ], [ %i.next, %found ]
  %more = call i32 %next.f(ptr %dict, ptr %position, ptr %key.out, ptr %value.out)
  %ended = icmp eq i32 %more, 0
  br i1 %ended, label %end, label %item
end:
  %all = icmp eq i64 %i, %wanted
  ret i1 %all
item:
  %fits = icmp ult i64 %i, %wanted
  br i1 %fits, label %compare, label %no
compare:
  %key = load ptr, ptr %key.out
  %at = shl i64 %i, 3
  %wanted.key = call ptr @pointer(ptr %keys, i64 %at)
  %equal = call i1 @is_equal(ptr %table, ptr %key, ptr %wanted.key)
  br i1 %equal, label %found, label %no
found:
  %value = load ptr, ptr %value.out
  %place = getelementptr i8, ptr %items, i64 %at
  store ptr %value, ptr %place
  %i.next = add i64 %i, 1
  br label %next
no:
  ret i1 false
}
"""
