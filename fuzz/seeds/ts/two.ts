@problemName P
@timeStamps false
@dimensions 2
@classLabel true a b
@data
1,?,3:4,5:a
?,2:1,1:b
